"""Who comes without a password: by the link of a mail, or by a code sent to them."""

from __future__ import annotations

import pytest
from aiohttp import web as aio
from aiohttp.test_utils import make_mocked_request

from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.visitors.access import SIGN_IN, Access
from tests.webdesk import Web

CLIENT = "sophie@clim-martin.example"


async def test_a_page_that_needs_a_person_leads_to_the_door_and_back(web: Web) -> None:
    access = Access(web.deps)
    request = make_mocked_request("GET", "/portal/new?from=ASFR26000001")
    with pytest.raises(aio.HTTPSeeOther) as sent:
        await access.require_person(request)
    onward = "/portal/new%3Ffrom%3DASFR26000001"
    assert sent.value.location == f"{SIGN_IN}?next={onward}"


@pytest.mark.parametrize(
    ("method", "headers"), [("POST", {}), ("GET", {"Azbot-Part": "list"})]
)
async def test_a_change_or_a_script_without_a_person_is_told_so(
    web: Web, method: str, headers: dict[str, str]
) -> None:
    access = Access(web.deps)
    request = make_mocked_request(method, "/portal/new", headers=headers)
    with pytest.raises(HttpProblem) as told:
        await access.require_person(request)
    assert told.value.status == 401


async def test_a_page_that_needs_a_person_gets_whom_the_code_proved(web: Web) -> None:
    access, headers = Access(web.deps), await web.known(CLIENT)
    request = make_mocked_request("GET", "/portal/new", headers=headers)
    assert (await access.require_person(request)).address == CLIENT
