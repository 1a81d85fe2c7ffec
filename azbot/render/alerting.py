"""What an administrator is told in a chat: the alert mail in a few lines."""

from __future__ import annotations

from collections.abc import Mapping

from azbot.i18n.catalogue import catalogue
from azbot.render.facts import ready
from azbot.render.tellings import Teller
from azbot.screens import plain
from azbot.workflow.decision import NoticeKind


def chat_words(language: str, facts: Mapping[str, object]) -> str:
    """Return an alert as the text of a screen.

    Args:
        language: ``fr``, ``en`` or ``es``.
        facts: of the notice ``ALERT``.
    """
    say, it = Teller(catalogue(language)), ready(NoticeKind.ALERT, facts)
    what, t = str(it["what"]), say.t
    if it["until"]:
        title = say.capital(say.alert_over(what))
        return f"<b>azbot</b> · {plain(title)}"
    title = say.capital(say.alert(what, it["since"], it["at"]))  # type: ignore[arg-type]  # instants: see ``ready``
    lines = [f"<b>azbot</b> · <b>{plain(title)}</b>"]
    if cause := say.alert_cause(str(it["cause"]), str(it["place"])):
        lines.append(f"{t('mail.alert.cause')} {plain(cause)}")
    effect = t(f"mail.alert.effect.{say.alert_key(what)}")
    lines.append(f"{t('mail.alert.effect')} {plain(effect)}")
    lines.append(f"<code>{plain(it['command'])}</code>")
    return "\n".join(lines)
