"""The server: its own page only, one answer for each request, nothing but its folder, all freed at the end."""

from __future__ import annotations

import asyncio
import gc
import http.client
import json
import weakref
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms_sim.door.demo.messages import MOST_BYTES, read_recipe, read_request
from cms_sim.door.demo.pair import Pair
from cms_sim.door.demo.server import FULL_HOUSE, HOST, MOST_PAGES, WRONG_ORIGIN, _body
from cms_sim.door.demo.session import Session
from cms_sim.errors import InputError
from tests.door.demo.serving import Served

client = pytest.importorskip("websockets.sync.client")


@contextmanager
def line(served: Served, **options: Any) -> Iterator[Any]:
    """A page's WebSocket, as its browser opens it."""
    origin = options.pop("origin", served.url.rstrip("/"))
    with client.connect(f"ws://{HOST}:{served.demo.port}/play", origin=origin, **options) as socket:
        yield socket


def ask(socket: Any, **question: Any) -> dict[str, Any]:
    socket.send(json.dumps(question))
    answer: dict[str, Any] = json.loads(socket.recv(timeout=30))
    return answer


def fetch(served: Served, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Any:
    connection = http.client.HTTPConnection(HOST, served.demo.port, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    headers = {"Host": f"{HOST}:{served.demo.port}", **headers}
    if body is not None:
        headers["Content-Length"] = str(len(body.encode()))
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body.encode() if body is not None else None)
    reply = connection.getresponse()
    reply.content = reply.read()  # type: ignore[attr-defined]
    connection.close()
    return reply


def awaited(coroutine: Coroutine[Any, Any, bytes]) -> bytes:
    """What it comes to, in a thread of its own: in this one the loop of a browser's tests may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def test_a_run_over_the_line(served: Served) -> None:
    with line(served) as socket:
        scene = ask(socket, kind="hello", re=7)
        assert scene["kind"] == "scene" and scene["re"] == 7 and scene["now"]["day"] == 0
        days = ask(socket, kind="go", days=3)
        assert days["kind"] == "days" and days["now"]["day"] == 3
        there = ask(socket, kind="jump", day=365)
        assert there["now"]["day"] == 365 and len(there["weeks"][0]) == 53
        listed = ask(socket, kind="mediated")["listed"]
        tree = ask(socket, kind="family", side=1, row=listed[0]["row"])
        assert tree["shootings"] == listed[0]["shootings"]
        recipe = there["recipe"]
    with line(served) as socket:  # the line was lost: the recipe brings the run back
        again = ask(socket, kind="hello", recipe=recipe)
        assert {name: again[name] for name in ("now", "looks", "open", "weeks")} == {
            name: there[name] for name in ("now", "looks", "open", "weeks")
        }
    served.wait_for_pages(0)


def test_choices_hold_at_once_or_wait_and_a_start_keeps_them(served: Served) -> None:
    with line(served) as socket:
        ask(socket, kind="hello")
        ask(socket, kind="go", days=10)
        changed = ask(socket, kind="change", changes={"violence_interrupters": 6, "seed": 12, "residents": 500})
        assert changed["settings"]["violence_interrupters"] == 6
        assert changed["waiting"] == {"seed": 12, "residents": 500} and changed["settings"]["seed"] == 1
        back = ask(socket, kind="change", changes={"seed": 1})
        assert back["waiting"] == {"residents": 500}
        begun = ask(socket, kind="start")
        assert begun["now"]["day"] == 0 and begun["waiting"] == {} and len(begun["looks"][0]) == 500
        assert begun["settings"]["violence_interrupters"] == 6 and begun["settings"]["residents"] == 500
        assert ask(socket, kind="start", reset=True)["settings"]["violence_interrupters"] == 3
        refused = ask(socket, kind="change", changes={"violence_interrupters": 7, "shift": "mornings"})
        assert refused["kind"] == "error" and "evenings" in refused["remedy"]
        assert ask(socket, kind="change", changes={})["settings"]["violence_interrupters"] == 3


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None, "https://127.0.0.1", "http://127.0.0.1:1"])
def test_other_origins_are_refused(served: Served, origin: str | None) -> None:
    from websockets.exceptions import ConnectionClosed, InvalidStatus

    with pytest.raises((InvalidStatus, ConnectionClosed)) as caught, line(served, origin=origin) as socket:
        ask(socket, kind="hello")
    assert str(WRONG_ORIGIN) in str(caught.value) or "403" in str(caught.value)
    headers = {"Origin": origin} if origin else {}
    assert fetch(served, "/export/png", "POST", "{}", **headers).status == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1"])
def test_other_hosts_are_refused(served: Served, host: str) -> None:
    for path in ("/", "/page/app.js", "/words/en", "/lessons/en"):
        assert fetch(served, path, Host=host).status == 403
    assert fetch(served, "/export/png", "POST", "{}", Host=host, Origin=f"http://{host}").status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/page/../server.py", "/page/%2e%2e/server.py", "/page/..%2fserver.py", "/page/server.py", "/page//etc/passwd",
        "/words/../lessons/services.toml", "/words/en.toml", "/words/%00", "/lessons/..", "/page/", "/export/html",
        "/page/index.html%00.js",
    ],
)  # fmt: skip
def test_nothing_outside_the_page_is_read(served: Served, path: str) -> None:
    reply = fetch(served, path)
    assert reply.status in (404, 405) and b"import" not in reply.content


def test_headers_let_nothing_else_in(served: Served) -> None:
    reply = fetch(served, "/")
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in reply.headers and "server" not in reply.headers
    assert b"http" not in reply.content.lower().replace(b"http-equiv", b"")


BAD = [
    "", "null", "[]", "{}", '{"kind":"go"}', '{"kind":"go","days":0}', '{"kind":"go","days":32}',
    '{"kind":"go","days":1e400}', '{"kind":"go","days":true,"x":1}', '{"kind":"eval","code":"1"}',
    '{"kind":"jump","day":-1}', '{"kind":"jump","day":99999}', '{"kind":"family","side":2,"row":0}',
    '{"kind":"family","side":0,"row":-1}', '{"kind":"lesson","name":"../../etc/passwd","language":"en"}',
    '{"kind":"lesson","name":"services","language":"../en"}', '{"kind":"change","changes":{"__class__":1}}',
    '{"kind":"change","changes":{"seed":NaN}}', '{"kind":"change","changes":{"seed":' + "9" * 4000 + "}}",
    '{"kind":"start","changes":{"residents":[1]}}', '{"kind":"hello","recipe":{"settings":{},"day":5000}}',
    '{"kind":"hello","recipe":{"settings":{},"changes":[[5,{"seed":3}]]}}',
    '{"kind":"hello","recipe":{"settings":{},"changes":[[9,{}],[5,{}]]}}',
    '{"kind":"hello","kept":{"a":{"b":"c"}}}',
    '{"kind":"fill","name":"services","step":99,"part":"say","language":"en"}',
    "[" * 5000, '{"kind":"keep","name":"<script>"}',
]  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_hostile_words_get_one_error_and_the_run_goes_on(served: Served, text: str) -> None:
    with line(served) as socket:
        ask(socket, kind="hello")
        socket.send(text)
        answer = json.loads(socket.recv(timeout=30))
        assert answer["kind"] == "error" and answer["remedy"]
        assert text[:40] not in json.dumps(answer) or len(text) < 3
        assert ask(socket, kind="go", days=1)["now"]["day"] == 1


def test_before_hello_there_is_no_run(served: Served) -> None:
    with line(served) as socket:
        assert ask(socket, kind="go", days=1)["kind"] == "error"
        assert ask(socket, kind="family", side=0, row=0)["kind"] == "error"


def test_what_is_too_long_or_no_text_ends_the_line_only(served: Served) -> None:
    from websockets.exceptions import ConnectionClosed

    with pytest.raises(ConnectionClosed), line(served) as socket:
        socket.send("x" * (MOST_BYTES + 10))
        socket.recv(timeout=30)
    with pytest.raises(ConnectionClosed), line(served) as socket:
        socket.send(b"\x00\x01")
        socket.recv(timeout=30)
    served.wait_for_pages(0)
    own = {"Origin": served.url.rstrip("/")}
    assert fetch(served, "/export/png", "POST", "x" * (MOST_BYTES + 1), **own).status == 413
    assert fetch(served, "/export/png", "POST", "{}", **own).status == 400
    assert fetch(served, "/export/exe", "POST", "{}", **own).status == 404
    with line(served) as socket:
        assert ask(socket, kind="hello")["kind"] == "scene"


def test_a_body_that_breaks_off_or_never_ends_is_let_go() -> None:
    from starlette.requests import Request

    heard = 0

    async def gone() -> Any:
        return {"type": "http.disconnect"}

    async def endless() -> Any:
        nonlocal heard
        heard += 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    scope = {"type": "http", "method": "POST", "path": "/export/png", "headers": []}
    assert awaited(_body(Request(scope, gone))) == b""
    with pytest.raises(InputError, match="too much"):
        read_recipe(awaited(_body(Request(scope, endless))))
    assert heard == MOST_BYTES // 1000 + 1


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_KINDS = st.sampled_from(
    ["hello", "go", "jump", "change", "start", "family", "mediated", "others", "map", "lesson", "fill", "keep", "x"]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    _KINDS,
    st.dictionaries(st.sampled_from(["days", "day", "changes", "side", "row", "name", "recipe", "re"]), _ANYTHING),
)
def test_any_message_is_a_request_or_an_input_error(kind: str, rest: dict[str, Any]) -> None:
    try:
        request = read_request(json.dumps({"kind": kind, **rest}))
    except InputError as error:
        assert error.remedy and error.where
    else:
        assert hasattr(Session, f"_{request.kind}")


def test_twenty_pages_each_with_its_own_pair(served: Served) -> None:
    lines = [line(served) for _ in range(20)]
    sockets = [each.__enter__() for each in lines]
    for number, socket in enumerate(sockets):
        ask(socket, kind="hello", recipe={"settings": {"seed": number + 1}, "day": 60})
    served.wait_for_pages(20)
    left = [ask(socket, kind="go", days=31)["now"]["left"]["victims"] for socket in sockets]
    assert len(set(left)) > 5
    for each in lines:
        each.__exit__(None, None, None)
    served.wait_for_pages(0)


def test_a_closed_page_is_freed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    held: weakref.WeakSet[Pair] = weakref.WeakSet()
    begin = Pair._begin

    def noted(pair: Pair) -> None:
        held.add(pair)
        begin(pair)

    monkeypatch.setattr(Pair, "_begin", noted)
    for _ in range(3):
        with line(served) as socket:
            ask(socket, kind="hello")
            ask(socket, kind="start")
            assert len(held) >= 1
        served.wait_for_pages(0)
    gc.collect()
    assert not held


def test_a_full_house_is_told(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from websockets.exceptions import ConnectionClosed

    monkeypatch.setattr(served.demo, "open_pages", MOST_PAGES)
    with pytest.raises(ConnectionClosed) as caught, line(served) as socket:
        socket.recv(timeout=30)
    assert str(FULL_HOUSE) in str(caught.value)
