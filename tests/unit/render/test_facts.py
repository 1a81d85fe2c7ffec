"""Facts made ready for templates."""

from datetime import datetime

import pytest

from azbot.render.facts import DEFAULTS, line, lines, ready
from azbot.workflow.decision import NoticeKind


def test_every_kind_names_the_facts_its_template_may_ask_for() -> None:
    assert set(DEFAULTS) == set(NoticeKind)


def test_instants_are_told_on_the_clocks_of_the_site() -> None:
    facts = {"zone": "Indian/Reunion", "planned_at": "2026-03-25T09:00:00+00:00"}
    when = ready(NoticeKind.PLANNED, facts)["planned_at"]
    assert isinstance(when, datetime)
    assert (when.hour, str(when.tzinfo)) == (13, "Indian/Reunion")


def test_before_is_an_instant_when_a_visit_moves_and_a_service_otherwise() -> None:
    moved = ready(NoticeKind.MOVED, {"before": "2026-03-25T09:00:00+00:00"})
    assert isinstance(moved["before"], datetime)
    changed = ready(NoticeKind.REQUALIFIED, {"before": "incident"})
    assert changed["before"] == "incident"


def test_a_name_is_one_line_without_hidden_characters() -> None:
    assert line("Sophie\r\nBcc: x@y\u202e Martin\ue000\x00") == "Sophie Bcc: x@y Martin"


def test_a_text_keeps_its_lines() -> None:
    assert lines("un\r\ndeux\rtrois\u2028quatre\x07") == "un\ndeux\ntrois\nquatre"


def test_the_narrow_space_becomes_one_every_mail_program_shows() -> None:
    assert line("1\u202f250") == "1\u00a0250"
    assert lines("Prêt\u202f?") == "Prêt\u00a0?"


def test_what_is_nested_is_cleaned_too() -> None:
    facts = {"answers": {"town": "Lyon\nX"}, "documents": ["a\u202eb.pdf"]}
    whole = ready(NoticeKind.MISSION, facts)
    assert whole["answers"] == {"town": "Lyon X"}
    assert whole["documents"] == ["ab.pdf"]


def test_an_instant_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        ready(NoticeKind.PLANNED, {"planned_at": "demain"})
