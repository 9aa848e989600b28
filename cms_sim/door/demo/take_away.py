"""Take-away: what was shown, lived again from its recipe, as a page, a picture or a moving picture."""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from cms_sim.door.demo.faults import RunFault
from cms_sim.door.demo.messages import Recipe
from cms_sim.door.demo.session import pair_of

FORMS: Final = {"html": "text/html", "png": "image/png", "gif": "image/gif"}
_ONE_AT_A_TIME: Final = asyncio.Semaphore(1)


async def export(form: str, recipe: Recipe, language: str) -> bytes:
    """The file, made in a process of its own, so that pages play on. InputError for a recipe that cannot be lived."""
    pair_of(recipe)  # checked here: a fault in it is told at once
    async with _ONE_AT_A_TIME:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as process:
            loop = asyncio.get_running_loop()
            try:
                return await loop.run_in_executor(process, _make, form, recipe.model_dump_json(), language)
            except (OSError, RuntimeError) as error:
                raise RunFault("export", where=form) from error


def _make(form: str, recipe_text: str, language: str) -> bytes:
    from cms_sim.door.demo.messages import read_recipe

    recipe = read_recipe(recipe_text)
    pair = pair_of(recipe)
    if form == "html":
        from cms_sim.door.demo.recording import page_of, record

        return page_of(record(pair, recipe.day, language)).encode()
    from cms_sim.door.demo.pictures import moving_picture, picture

    return picture(pair, recipe.day, language) if form == "png" else moving_picture(pair, recipe.day, language)
