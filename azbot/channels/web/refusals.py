"""What HTTP says when a rule of the workflow says no."""

from __future__ import annotations

_FORBIDDEN = frozenset({"not_allowed", "proof_needed", "requester_only"})
# Another's assistance answers exactly like one that does not exist (ux.md C14, G5).
HIDDEN = frozenset({"not_yours", "unknown_assistance"})
_UNKNOWN = frozenset({"unknown_visit", "unknown_document"})
_CONTENT = frozenset(
    {
        "bad_answers",
        "bad_cursor",
        "bad_duration",
        "comment_needed",
        "date_needed",
        "date_past",
        "date_too_far",
        "empty_message",
        "not_editable",
        "not_movable",
        "reason_needed",
        "same_assistance",
        "signatory_name_needed",
        "signature_too_short",
        "tag_too_long",
        "too_many_tags",
    }
)
_STATE = frozenset(
    {
        "already_answered",
        "already_in",
        "already_open",
        "already_signed",
        "fields_missing",
        "form_changed",
        "form_incomplete",
        "form_signed",
        "merged_already",
        "missing_prerequisite",
        "mission_in_force",
        "moved_already",
        "no_mission",
        "no_planned_visit",
        "no_sender",
        "no_station",
        "no_visit",
        "not_a_client",
        "not_allowed_now",
        "other_requester",
        "photos_missing",
        "requalify_instead",
        "signatures_missing",
        "station_changed",
        "target_ended",
        "too_late",
        "too_many_documents",
        "unreadable_channel",
        "unreadable_message",
        "visit_pending",
        "waiver_off",
        "wrong_status",
        "wrong_visit_status",
    }
)
KNOWN_CODES = _FORBIDDEN | HIDDEN | _UNKNOWN | _CONTENT | _STATE
"""Every refusal that was given a status; a test compares it with the workflow."""


def status_of(code: str) -> int:
    """Return the HTTP status of a refusal.

    403 for what this role may never do, 404 for what does not exist (or must look
    so), 422 for content that would never do, and 409 for what the present state
    does not allow: the same command may work later.
    """
    if code in _FORBIDDEN:
        return 403
    if code in HIDDEN or code in _UNKNOWN:
        return 404
    return 422 if code in _CONTENT else 409
