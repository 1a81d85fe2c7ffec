"""What browsers do with passkeys, as the library speaks it (W3C WebAuthn Level 3).

Loading the library takes 0.2 s: this module is imported by whoever uses a key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json_dict,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from azbot.channels.web.signin.addresses import Relying
from azbot.channels.web.signin.passkeys import (
    CHALLENGE_FOR,
    PasskeyRefused,
    Registered,
)
from azbot.store import Person
from azbot.store.passkeys import Passkey

_MILLISECONDS = int(CHALLENGE_FOR.total_seconds() * 1000)
_ODD = (WebAuthnException, KeyError, TypeError, ValueError)
"""What strangers' JSON makes of it."""


def registration_options(
    relying: Relying,
    desk: str,
    person: Person,
    known: Sequence[Passkey],
    challenge: bytes,
) -> Mapping[str, Any]:
    """Return what ``navigator.credentials.create`` is given, as JSON.

    Args:
        relying: what the key is bound to.
        desk: its name, shown by the browser.
        person: whose key.
        known: keys they have: a device holds one of them.
        challenge: from ``new_challenge``.
    """
    options = generate_registration_options(
        rp_id=relying.id,
        rp_name=desk,
        # A number says nothing about anybody (WebAuthn §14.6.1).
        user_id=str(person.id).encode(),
        user_name=person.address,
        user_display_name=person.name or person.address,
        challenge=challenge,
        timeout=_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential))
            for each in known
        ],
    )
    return options_to_json_dict(options)


def registered(
    relying: Relying, credential: Mapping[str, Any], challenge: str
) -> Registered:
    """Return the key a browser made.

    Raises:
        PasskeyRefused: it is none, or for another site.
    """
    try:
        made = verify_registration_response(
            credential=dict(credential),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=relying.id,
            expected_origin=relying.origin,
            require_user_verification=True,
        )
    except _ODD as error:
        raise PasskeyRefused(type(error).__name__) from error
    return Registered(
        bytes_to_base64url(made.credential_id),
        made.credential_public_key,
        made.sign_count,
    )


def sign_in_options(relying: Relying, challenge: bytes) -> Mapping[str, Any]:
    """Return what ``navigator.credentials.get`` is given, as JSON.

    No key is named: the device shows those it has for us.
    """
    options = generate_authentication_options(
        rp_id=relying.id,
        challenge=challenge,
        timeout=_MILLISECONDS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def verified(
    relying: Relying, credential: Mapping[str, Any], challenge: str, known: Passkey
) -> int:
    """Return how often a key was used, as it counts itself, after its signature held.

    Raises:
        PasskeyRefused: wrong signature, site or challenge; or a count that went
            back, as a copy of the key would make it.
    """
    try:
        answer = verify_authentication_response(
            credential=dict(credential),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=relying.id,
            expected_origin=relying.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
    except _ODD as error:
        raise PasskeyRefused(type(error).__name__) from error
    return answer.new_sign_count
