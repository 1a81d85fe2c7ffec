"""Every sentence the form says by itself, in the reader's language."""

from __future__ import annotations

WORDS = (
    "yes", "no", "not_applicable", "other", "none", "no_webserver", "no_material",
    "none_yet", "installation", "choose", "to_correct", "add_photo", "photo",
    "photo_number", "photo_refused", "waiting", "caption", "position", "remove_photo",
    "remove", "close", "cancel", "scan", "no_code", "add_production_units",
    "add_material", "one_of_production_units", "one_of_material", "when", "site",
    "contact", "station", "arrive", "next", "next_point", "point_of", "points_of",
    "signatures_of", "came", "went", "to_fill.one", "to_fill.many", "nothing_to_fill",
    "parts.one", "parts.many", "photos.one", "photos.many", "state.missing",
    "state.complete", "progress", "saved", "sending", "offline", "offline_kept.one",
    "offline_kept.many", "failed", "not_kept", "lost", "download", "no_date",
    "cancelled", "over", "over_note", "ending", "ending_note", "missing.one",
    "missing.many", "complete", "complete_note", "finish", "finish_words",
    "finish_mails", "role.installer", "role.client", "role.station",
    "signature_role.installer", "signature_role.client", "signature_role.station",
    "client_is", "have_signed", "sign", "by_keyboard", "absent",
    "absent_later", "link_sent", "waive", "waive_why",
    "waived", "signature_of", "report_to", "waiting_to_send", "frozen", "modify",
    "modify_warning.one", "modify_warning.many", "modify_yes", "signatory_name",
    "company", "email", "more_of_signatory", "send_report", "agree", "agree_first",
    "glass", "too_short", "correct_first", "clear", "validate", "what", "hours",
    "points", "result", "notes", "points_yes.one", "points_yes.many", "points_no.one",
    "points_no.many", "is_solved", "is_not_solved", "still_missing.one",
    "still_missing.many",
)  # fmt: skip
"""Keys below ``visit.``; those with ``one`` and ``many`` are said of a number."""
