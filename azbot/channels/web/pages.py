"""What the pages for people have in common: headers, and nothing from elsewhere."""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.languages import preferred
from azbot.channels.web.problems import HttpProblem, as_document
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import is_below
from azbot.channels.web.static import Assets
from azbot.i18n.catalogue import catalogue

_STILL = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
_DESK = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
    " media-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


_VISIT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
    " media-src 'self' blob:; connect-src 'self'; worker-src 'self';"
    " manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def html(text: str, language: str, status: int = 200) -> web.Response:
    """Return a page that loads nothing but its stylesheet and sends nothing."""
    return _page(text, language, status, _STILL)


def desk_html(text: str, language: str, status: int = 200) -> web.Response:
    """Return a page, or a part of one, of the rooms of the desk: our scripts only."""
    return _page(text, language, status, _DESK)


def visit_html(text: str, language: str, status: int = 200) -> web.Response:
    """Return a page, or a part of one, for visitors: our scripts only."""
    return _page(text, language, status, _VISIT)


def _page(text: str, language: str, status: int, policy: str) -> web.Response:
    headers = {
        "Content-Security-Policy": policy,
        "X-Robots-Tag": "noindex, nofollow",
        "Cache-Control": "no-store",
        "Content-Language": language,
        "Vary": "Accept-Language, Azbot-Part",
    }
    response = web.Response(
        text=text, status=status, content_type="text/html", headers=headers
    )
    response.enable_compression()
    return response


def _may_pass(status: int) -> bool:
    """Whether the same request may succeed when it is made again."""
    return status >= 500 or status in {408, 425, 429}


def problem_page(
    deps: WebDeps,
    assets: Assets,
    problem: HttpProblem,
    request_id: str,
    request: web.Request,
) -> web.Response:
    """Return an error as a page: what failed, what is safe, what to do (ux.md 6.6)."""
    language = preferred(request.headers.get("Accept-Language", ""))
    said = as_document(problem, catalogue(language), request_id, request.path)
    page = deps.pages.page(
        "problem",
        language,
        stylesheet=assets.url("page.css"),
        title=said["title"],
        detail=said["detail"],
        request_id=request_id,
        incident=problem.incident,
        # What is not there now is not there either the next moment.
        again=request.path_qs
        if request.method == "GET" and _may_pass(problem.status)
        else "",
        is_ours=problem.status >= 500,
        is_desk=is_below(request.path),
    )
    response = html(page, language, problem.status)
    response.headers.update(problem.headers)
    return response
