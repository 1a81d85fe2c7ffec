"""The OpenAPI document is valid, complete, and what the API really does."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from azbot.channels.web.api.bodies import SHAPES, command_body, kebab
from azbot.channels.web.api.openapi import document
from azbot.channels.web.api.table import OPERATIONS
from azbot.store import open_store
from azbot.testing.clock import FakeClock
from azbot.workflow.commands import COMMANDS, OpenAssistance
from azbot.workflow.model import Role
from azbot.workflow.policy import PERMISSIONS
from tests.webdesk import running

_HOLDERS = {Role.AGENT, Role.ADMIN, Role.STATION}


def test_the_document_is_valid_openapi_3_1() -> None:
    found = document("1", "https://sav.example")
    assert found["openapi"].startswith("3.1")
    validate(found)


def test_every_command_a_person_may_send_is_in_the_document() -> None:
    paths = document("1")["paths"]
    for kind in COMMANDS.values():
        path = f"/api/v1/assistances/{{ref}}/commands/{kebab(kind.__name__)}"
        may = bool(_HOLDERS & set(PERMISSIONS[kind]))
        assert (path in paths) == (may and kind is not OpenAssistance), kind


def test_the_roles_of_a_path_are_those_of_the_workflow() -> None:
    for shape in SHAPES.values():
        assert shape.roles == _HOLDERS & set(PERMISSIONS[shape.kind])


def test_a_field_nobody_mapped_is_an_error_not_a_hole() -> None:
    odd = make_dataclass("Odd", [("what", complex)])
    with pytest.raises(TypeError, match="has no type in the API"):
        command_body(odd)


def test_operations_have_unique_names_and_documented_problems() -> None:
    names = [operation.id for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    responses = document("1")["components"]["responses"]
    for path in document("1")["paths"].values():
        for operation in path.values():
            for status in operation["responses"]:
                assert int(status) < 400 or f"Problem{status}" in responses


def test_every_property_of_a_body_is_refused_when_misspelt() -> None:
    schemas = document("1")["components"]["schemas"]
    for operation in OPERATIONS:
        if operation.body is not None:
            assert schemas[operation.body.__name__]["additionalProperties"] is False


# --- what the API really does --------------------------------------------------------


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Iterator[tuple[str, str]]:
    """A served API with one assistance, in a thread of its own, and its token."""
    folder = tmp_path_factory.mktemp("openapi")
    file = folder / "azbot.db"
    file.write_bytes(migrated_file.read_bytes())
    told: list[tuple[str, str]] = []
    is_up, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        clock = FakeClock()
        store = open_store(f"sqlite:///{file}", folder / "blobs", synchronous="OFF")
        async with store, running(store, clock) as web:
            await web.underway()
            told.append((str(web.client.make_url("/")), web.admin))
            is_up.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert is_up.wait(30)
    yield told[0]
    stop.set()
    thread.join(10)


@pytest.mark.filterwarnings("default")  # of the tool itself, not of azbot
def test_whatever_is_sent_the_answers_are_those_of_the_document(
    address: tuple[str, str],
) -> None:
    base, token = address
    schema = schemathesis.openapi.from_dict(_concrete(document("1")))
    seen = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()

        @hypothesis.settings(
            max_examples=6,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def send(case: Any) -> None:
            case.call_and_validate(
                base_url=base,
                headers={"Authorization": f"Bearer {token}"},
                checks=[
                    not_a_server_error,
                    status_code_conformance,
                    content_type_conformance,
                    response_schema_conformance,
                ],
            )

        send()
        seen += 1
    assert seen == len(OPERATIONS)


def _concrete(found: dict[str, object]) -> dict[str, object]:
    """Put what exists into the paths, so that more than 404 is seen."""
    text = json.dumps(found).replace("^AS[A-Z]{2}[0-9]{8}$", "^ASFR26000001$")
    return json.loads(text)  # type: ignore[no-any-return]
