"""What can go wrong on a page: each fault has a name, and its words stand with all others that the page says."""

from __future__ import annotations

from typing import Any

from cms_sim.door.demo.words import words
from cms_sim.errors import CmsSimError, InputError, RunError


class Fault(CmsSimError):
    """An error whose message and remedy are `error.NAME` and `error.NAME_remedy` of the words, filled from `values`.

    Here they are English; the page says them in its own language.
    """

    def __init__(self, name: str, *, where: str, **values: Any) -> None:
        texts = words("en")
        self.name = name
        self.values = values
        super().__init__(
            _filled(texts[f"error.{name}"], values),
            where=where,
            remedy=_filled(texts[f"error.{name}_remedy"], values),
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (_again, (type(self), self.name, self.where, self.values))


class InputFault(Fault, InputError):
    """Something that the page sent cannot be used."""


class RunFault(Fault, RunError):
    """Something failed that a page waits for."""


def told(error: CmsSimError) -> dict[str, Any]:
    """The reply that carries an error; one without a name is told in the words that it has."""
    named = {"name": error.name, "values": error.values} if isinstance(error, Fault) else {}
    return {"kind": "error", "message": error.message, "where": error.where, "remedy": error.remedy, **named}


def _filled(text: str, values: dict[str, Any]) -> str:
    return text.format_map({key: _shown(value) for key, value in values.items()})


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return value if isinstance(value, str) else f"{value:g}"


def _again(kind: type[Fault], name: str, where: str, values: dict[str, Any]) -> Fault:
    return kind(name, where=where, **values)
