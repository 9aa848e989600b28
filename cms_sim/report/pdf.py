"""A page of ours as a PDF, from the same HTML by its print stylesheet."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from cms_sim.errors import InputError
from cms_sim.experiment.whole_files import words_for_the_disk, write_whole


def check_pdf() -> None:
    """Raise InputError where what prints is not installed, so that it is said before anything is run."""
    _printer()


def print_pdf(page: Path, file: Path) -> int:
    """Print the HTML file `page` into `file`, whole or not at all, and return the number of its pages.

    Nothing is fetched, whatever the page refers to. Raises InputError for a page that is not there, and without
    WeasyPrint."""
    html = _printer()
    if not page.is_file():
        remedy = "Give the folder of a finished comparison, such as results/default."
        raise InputError(f"has no {page.name}", where=str(page.parent), remedy=remedy)
    from weasyprint.urls import URLFetcher

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it tells of every rule that is for screens only
    own_data = URLFetcher(allowed_protocols=["data"])
    document = html(string=page.read_text(encoding="utf-8"), url_fetcher=own_data).render()
    with words_for_the_disk(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, lambda part: document.write_pdf(part, pdf_variant="pdf/ua-1"))
    return len(document.pages)


def _printer() -> Any:
    try:
        from weasyprint import HTML
    except ImportError:
        remedy = "Install it: pip install 'cms-sim[pdf]' (from a clone: pip install -e '.[pdf]')."
    except OSError as error:  # its drawing library is the system's
        remedy = f"It needs Pango, which the system brings (weasyprint's page on installing says how): {error}."
    else:
        return HTML
    other = " Without it: open report.html in a browser and print it to a file."
    raise InputError("a PDF needs the package weasyprint", where="--pdf", remedy=remedy + other)
