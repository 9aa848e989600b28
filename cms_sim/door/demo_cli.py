"""`cms-sim demo`: two made-up neighbourhoods side by side in the browser."""

from __future__ import annotations

import importlib.util
import threading
import webbrowser
from pathlib import Path

import click

from cms_sim.door.progress import progress
from cms_sim.errors import InputError


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on this machine (default: any free one).")
@click.option("--language", default="en", help="Language of the page to begin with: en (default) or es.")
@click.option("--lessons", type=click.Path(path_type=Path), default=None, help="Folder with lessons of your own.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def demo(port: int, language: str, lessons: Path | None, no_browser: bool) -> None:
    """Show a room why one mediated conflict matters: a live page in the browser, offline (docs/demo.md)."""
    _check_installed()
    from cms_sim.door.demo.lessons import load_lessons
    from cms_sim.door.demo.memory import keep_small
    from cms_sim.door.demo.server import HOST, Demo, listen, serve
    from cms_sim.door.demo.words import words

    keep_small()
    words(language)
    loaded = load_lessons(lessons)
    listening = listen(port)
    _prepare_once()
    listening.listen()
    port = listening.getsockname()[1]
    address = f"http://{HOST}:{port}/"
    click.echo(f"The demonstration is at {address} (Ctrl-C ends it).")
    threading.Thread(target=_warm_up, daemon=True).start()
    if not no_browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    serve(Demo(port, loaded, language), listening)


def _check_installed() -> None:
    missing = [name for name in ("starlette", "uvicorn", "websockets") if importlib.util.find_spec(name) is None]
    if missing:
        remedy = "Install them: pip install 'cms-sim[demo]'"
        raise InputError(f"the demonstration needs {', '.join(missing)}", where="demo", remedy=remedy)


def _prepare_once() -> None:
    """On the first start say what is done and how far it is; the page opens when it can be played."""
    from cms_sim.door.demo.first_start import FUNCTIONS, is_prepared, prepare

    if is_prepared():
        return
    click.echo("First start: the model is compiled, once. This takes about two minutes; then the page opens.", err=True)
    with progress() as show:
        prepare(lambda done: show("Compiling", done, FUNCTIONS))


def _warm_up() -> None:
    """Have the engine ready when the page asks for its first day."""
    from cms_sim.door.demo.memory import give_back
    from cms_sim.door.demo.pair import Pair
    from cms_sim.door.demo.settings import Settings

    Pair(Settings()).advance_to(1)
    give_back()
