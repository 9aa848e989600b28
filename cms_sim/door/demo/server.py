"""The server: on loopback only, one page, one WebSocket for each page that is open, nothing from outside."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cms_sim.door.demo.city_map import CityMaps
from cms_sim.door.demo.faults import told
from cms_sim.door.demo.lessons import Lesson
from cms_sim.door.demo.memory import give_back
from cms_sim.door.demo.messages import MOST_BYTES, read_recipe, read_request
from cms_sim.door.demo.session import Session
from cms_sim.door.demo.words import LANGUAGES, words
from cms_sim.errors import CmsSimError, InputError

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.websockets import WebSocket

HOST: Final = "127.0.0.1"
PAGE: Final = Path(__file__).parent / "page"
TYPES: Final = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
MOST_PAGES: Final = 40
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
WRONG_ORIGIN: Final = 4403
FULL_HOUSE: Final = 4429


@dataclass
class Demo:
    """What all pages of a server share."""

    port: int
    lessons: Mapping[str, Lesson]
    language: str = "en"
    maps: CityMaps = field(default_factory=CityMaps)
    open_pages: int = 0

    @property
    def hosts(self) -> tuple[str, str]:
        """What a browser on this machine may call the server."""
        return f"{HOST}:{self.port}", f"localhost:{self.port}"

    def knows(self, headers: Mapping[str, str], *, needs_origin: bool) -> bool:
        """Whether a request is meant for this server and, where it acts, comes from its own page."""
        origin = headers.get("origin")
        own = {f"http://{host}" for host in self.hosts}
        return headers.get("host") in self.hosts and (origin in own if origin or needs_origin else True)


def make_app(demo: Demo) -> Starlette:
    """The application."""
    from starlette.applications import Starlette
    from starlette.routing import Route, WebSocketRoute

    return Starlette(
        routes=[
            Route("/", partial(_file, demo)),
            Route("/page/{name}", partial(_file, demo)),
            Route("/words/{language}", partial(_words, demo)),
            Route("/lessons/{language}", partial(_lessons, demo)),
            Route("/export/{form}", partial(_export, demo), methods=["POST"]),
            WebSocketRoute("/play", partial(_play, demo)),
        ]
    )


async def _file(demo: Demo, request: Request) -> Response:
    """The page or one of its parts: nothing but what stands in the page's folder."""
    name = request.path_params.get("name", "index.html")
    shipped = {file.name: file for file in PAGE.iterdir() if file.suffix in TYPES}
    if not demo.knows(request.headers, needs_origin=False):
        return _refused(403)
    if name not in shipped:
        return _refused(404)
    text = shipped[name].read_text(encoding="utf-8")
    if name == "index.html":
        text = text.replace('lang="en"', f'lang="{demo.language}"', 1)
    return _reply(text, TYPES[shipped[name].suffix])


async def _words(demo: Demo, request: Request) -> Response:
    language = request.path_params["language"]
    if not demo.knows(request.headers, needs_origin=False):
        return _refused(403)
    return _json(words(language)) if language in LANGUAGES else _refused(404)


async def _lessons(demo: Demo, request: Request) -> Response:
    language = request.path_params["language"]
    if not demo.knows(request.headers, needs_origin=False):
        return _refused(403)
    if language not in LANGUAGES:
        return _refused(404)
    listed = [
        {"name": name, "title": lesson.title.in_(language), "summary": lesson.summary.in_(language)}
        for name, lesson in demo.lessons.items()
    ]
    return _json(listed)


async def _export(demo: Demo, request: Request) -> Response:
    """What was shown, as a page, a picture or a moving picture, lived again from its recipe."""
    from cms_sim.door.demo.take_away import FORMS, export

    form, language = request.path_params["form"], request.query_params.get("language", "en")
    if not demo.knows(request.headers, needs_origin=True):
        return _refused(403)
    if form not in FORMS or language not in LANGUAGES:
        return _refused(404)
    if int(request.headers.get("content-length") or MOST_BYTES + 1) > MOST_BYTES:
        return _refused(413)
    try:
        recipe = read_recipe(await _body(request))
        content = await export(form, recipe, language)
    except CmsSimError as error:
        return _json(told(error), status=400)
    from starlette.responses import Response

    return Response(content, media_type=FORMS[form], headers=HEADERS)


async def _body(request: Request) -> bytes:
    """What was sent, at most a little over `MOST_BYTES` of it (a length that is told need not be true)."""
    from starlette.requests import ClientDisconnect

    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                break
    except ClientDisconnect:  # the page was closed before it had sent all of it: nobody hears the answer
        return b""
    return body


async def _play(demo: Demo, socket: WebSocket) -> None:
    """A page's requests, one after the other, each with its one answer, until it goes."""
    from starlette.websockets import WebSocketDisconnect

    if not demo.knows(socket.headers, needs_origin=True):
        await socket.close(WRONG_ORIGIN)
        return
    if demo.open_pages >= MOST_PAGES:
        await socket.accept()
        await socket.close(FULL_HOUSE)
        return
    await socket.accept()
    demo.open_pages += 1
    session = Session(demo.lessons, demo.maps)
    try:
        while True:
            await socket.send_text(await _answer(session, await socket.receive_text()))
    except (WebSocketDisconnect, KeyError):  # gone, or it sent bytes
        return
    finally:
        demo.open_pages -= 1
        del session
        give_back()


async def _answer(session: Session, text: str) -> str:
    number = 0
    try:
        request = read_request(text)
        number = request.re
        reply = await session.answer(request)
    except CmsSimError as error:
        reply = told(error)
    return json.dumps({"re": number, **reply}, separators=(",", ":"), allow_nan=False)


def _reply(text: str, kind: str, status: int = 200) -> Response:
    from starlette.responses import Response

    return Response(text, status_code=status, media_type=kind, headers=HEADERS)


def _json(content: Any, status: int = 200) -> Response:
    return _reply(json.dumps(content), "application/json", status)


def _refused(status: int) -> Response:
    return _reply("", "text/plain", status)


def listen(port: int) -> socket.socket:
    """A socket on loopback; `port` 0 is any free one. InputError where it is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # elsewhere it would let a second server take the port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        remedy = "Choose another with --port, or leave it out for a free one."
        raise InputError(f"port {port} cannot be used ({error.strerror})", where="--port", remedy=remedy) from None
    return listening


def configured(demo: Demo) -> uvicorn.Config:
    """How the server runs: quietly, with small messages, and without saying what it is."""
    import uvicorn

    return uvicorn.Config(
        make_app(demo),
        log_level="warning",
        lifespan="off",
        ws_max_size=MOST_BYTES,
        ws_per_message_deflate=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )


def serve(demo: Demo, listening: socket.socket) -> None:
    """Serve until interrupted."""
    import uvicorn

    asyncio.run(uvicorn.Server(configured(demo)).serve(sockets=[listening]))
