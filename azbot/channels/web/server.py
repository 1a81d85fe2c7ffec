"""The corridor: errors, headers, limits and logs, the same for every room."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from time import perf_counter

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from azbot.channels.web.admin.routes import add_routes as add_admin
from azbot.channels.web.api.routes import add_routes
from azbot.channels.web.brand import BrandFiles
from azbot.channels.web.health import HealthRoutes
from azbot.channels.web.inbox.routes import InboxRoom
from azbot.channels.web.inbox.writing import Writing
from azbot.channels.web.languages import preferred
from azbot.channels.web.live.routes import LiveRoutes
from azbot.channels.web.missions.routes import add_routes as add_missions
from azbot.channels.web.pages import problem_page
from azbot.channels.web.portal.request.routes import RequestRoom
from azbot.channels.web.portal.request.sent import SentRoom
from azbot.channels.web.portal.routes import PortalRoom
from azbot.channels.web.privacy import PrivacyPage
from azbot.channels.web.problems import MEDIA_TYPE, HttpProblem, as_document, problem_of
from azbot.channels.web.resumable.routes import ResumableUploads
from azbot.channels.web.seams import UPLOAD_GATE, WebDeps
from azbot.channels.web.signin.routes import add_routes as add_signin
from azbot.channels.web.staff import ROOMS, SIGN_IN, VISITED, guard, is_below, is_part
from azbot.channels.web.static import ASSETS, Assets
from azbot.channels.web.stats.routes import StatsRoom
from azbot.channels.web.thumbnails import THUMBNAILS, Thumbnails
from azbot.channels.web.verify import VerifyPage
from azbot.channels.web.visitform.routes import VisitForm
from azbot.channels.web.visitors.access import LinkOver, PutAway
from azbot.channels.web.visitors.archived import archived_page
from azbot.channels.web.visitors.doors import Doors, gone_page
from azbot.channels.web.visitors.renewing import over_page
from azbot.channels.web.visitors.routes import add_routes as add_visitors
from azbot.health.incidents import report
from azbot.i18n.catalogue import catalogue

__all__ = ["WebDeps", "build_app", "serve"]

_log = structlog.get_logger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_REQUEST_ID = web.RequestKey("azbot.request_id", str)
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_DRAIN: web.AppKey[timedelta] = web.AppKey("azbot.drain", timedelta)
_UPLOADS_AT_ONCE = 64
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


def build_app(deps: WebDeps) -> web.Application:
    """Return the whole web: API, pages, health; nothing runs yet."""
    assets = Assets()
    app = web.Application(
        middlewares=[_watching(deps), _explaining(deps, assets), guard(deps)],
        client_max_size=deps.settings.largest_body,
    )
    app[UPLOAD_GATE] = asyncio.Semaphore(_UPLOADS_AT_ONCE)
    app[_DRAIN] = deps.settings.drain_within
    app.on_response_prepare.append(_protecting(deps))
    health = HealthRoutes(deps)
    app.router.add_get("/healthz", health.alive)
    app.router.add_get("/readyz", health.ready)
    app.router.add_get("/metrics", health.metrics)
    add_routes(app, deps)
    BrandFiles(deps).add_to(app)
    add_admin(app, deps)
    app[ASSETS] = assets
    folder = deps.store.folder / "thumbnails"
    app[THUMBNAILS] = Thumbnails(deps.store.blobs, folder)
    assets.add_to(app)
    stylesheet = assets.url("page.css")
    PrivacyPage(deps, stylesheet).add_to(app)
    VerifyPage(deps, stylesheet).add_to(app)
    Doors(deps).add_to(app)
    RequestRoom(deps).add_to(app)
    SentRoom(deps).add_to(app)
    ResumableUploads(deps).add_to(app)
    add_visitors(app, deps)
    add_missions(app, deps)
    PortalRoom(deps).add_to(app)
    InboxRoom(deps).add_to(app)
    VisitForm(deps).add_to(app)
    StatsRoom(deps).add_to(app)
    LiveRoutes(deps).add_to(app)
    add_signin(app, deps)
    Writing(deps).add_to(app)
    if deps.trial is not None:
        deps.trial.add_routes(app, deps)
    for hook in deps.hooks:
        app.router.add_post(hook.path, hook.receive)
    return app


@asynccontextmanager
async def serve(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve an application while inside; gives its address.

    Leaving lets open requests end for as long as the settings say, then cuts them:
    what was not committed did not happen.

    Args:
        app: from ``build_app``.
        host: where to listen.
        port: 0 takes a free one.

    Raises:
        OSError: the address is taken, or is not of this machine.
    """
    runner = web.AppRunner(
        app,
        handle_signals=False,
        access_log=None,
        shutdown_timeout=app[_DRAIN].total_seconds(),
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        bound_host, bound_port = runner.addresses[0][:2]
        shown = f"[{bound_host}]" if ":" in bound_host else bound_host
        yield f"http://{shown}:{bound_port}"
    finally:
        await runner.cleanup()


def _watching(deps: WebDeps) -> Middleware:
    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("X-Request-Id", "")
        name = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        request[_REQUEST_ID] = name
        began, status = perf_counter(), 499
        with structlog.contextvars.bound_contextvars(request_id=name):
            try:
                response = await handler(request)
            except web.HTTPException as redirect:
                status = redirect.status
                raise
            else:
                status = response.status
                return response
            finally:
                _note(deps, request, status, perf_counter() - began)

    return watch


def _note(deps: WebDeps, request: web.Request, status: int, seconds: float) -> None:
    """Count and log a request; paths carry tokens, so only the route is told."""
    route = _route_of(request)
    deps.metrics.observe(
        "http_request_seconds",
        seconds,
        method=request.method if request.method in _METHODS else "other",
        route=route,
        status=f"{status // 100}xx",
    )
    code = request.get(_PROBLEM)
    if code:
        deps.metrics.count("http_problems", code=code)
    _log.info(
        "http.request",
        method=request.method,
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        problem=code,
    )


def _route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unmatched"


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PROBLEM = web.RequestKey("azbot.problem", str)


def _explaining(deps: WebDeps, assets: Assets) -> Middleware:
    def explained(request: web.Request, problem: HttpProblem) -> web.Response:
        request[_PROBLEM] = problem.code
        if _is_for_a_person(request):
            if isinstance(problem, LinkOver):
                return over_page(deps, request, problem.visitor)
            if isinstance(problem, PutAway):
                return archived_page(deps, request, problem.visitor)
            if problem.code == "no_link":
                return gone_page(deps, assets.url("page.css"), request, problem.status)
            return problem_page(deps, assets, problem, request[_REQUEST_ID], request)
        return _explained(request, problem)

    @web.middleware
    async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as answer:
            if answer.status < 400:
                raise
            return explained(request, problem_of(answer))
        except ConnectionError:
            # Whoever asked is gone; nobody reads this.
            return web.Response(status=400)
        except Exception as error:  # noqa: BLE001 - the border of one request
            problem = problem_of(error)
            if problem.status == 500:
                problem.incident = await report(
                    deps.store,
                    "http.crashed",
                    error,
                    deps.clock.now(),
                    method=request.method,
                    route=_route_of(request),
                )
            return explained(request, problem)

    return explain


def _is_for_a_person(request: web.Request) -> bool:
    """Whether a browser shows the answer as a page."""
    is_page = is_below(request.path, (*ROOMS, SIGN_IN, *VISITED, "/a")) and not is_part(
        request
    )
    return is_page and "text/html" in request.headers.get("Accept", "")


def _explained(request: web.Request, problem: HttpProblem) -> web.Response:
    language = preferred(request.headers.get("Accept-Language", ""))
    document = as_document(
        problem, catalogue(language), request[_REQUEST_ID], request.path
    )
    response = web.json_response(
        document, status=problem.status, content_type=MEDIA_TYPE, dumps=_dumps
    )
    response.headers.update(problem.headers)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return response


def _dumps(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


def _protecting(
    deps: WebDeps,
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    is_https = deps.settings.public_url.startswith("https://")

    async def protect(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in _SAFE.items():
            response.headers.setdefault(name, value)
        # Names of products and versions help nobody but attackers.
        response.headers["Server"] = "azbot"
        if is_https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers["X-Request-Id"] = request.get(_REQUEST_ID, "-")

    return protect
