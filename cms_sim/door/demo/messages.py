"""What a page may ask, checked to the last field before anything is done: types, limits, sizes."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from cms_sim.door.demo.faults import InputFault
from cms_sim.door.demo.pair import BEGINS, ENDS, MOST_CHANGES

MOST_BYTES: Final = 65_536
"""Of one message. The largest is a recipe with all its changes."""
LAST_DAY: Final = ENDS - BEGINS
MOST_DAYS_AT_ONCE: Final = 31
Choice = bool | int | float | Annotated[str, Field(max_length=40)]
Name = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9_.-]+$")]
Choices = Annotated[dict[Name, Choice], Field(max_length=40)]
Day = Annotated[int, Field(ge=0, le=LAST_DAY)]
Row = Annotated[int, Field(ge=0, le=2**31 - 1)]
Language = Literal["en", "es"]


class Message(BaseModel):
    """A request. `re` comes back with its answer; every request gets exactly one."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    re: int = Field(default=0, ge=0, le=2**53)


class Recipe(BaseModel):
    """All that a run is: the settings of its first day, what was changed on which day, and how far it came."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    settings: Choices
    changes: Annotated[list[tuple[Day, Choices]], Field(max_length=MOST_CHANGES)] = []
    day: Day = 0


Kept = Annotated[dict[Name, Annotated[dict[Name, float], Field(max_length=80)]], Field(max_length=10)]


class Hello(Message):
    """The first message: a new run, or one taken up again from its recipe."""

    kind: Literal["hello"]
    recipe: Recipe | None = None
    kept: Kept = {}


class Go(Message):
    """Live so many days more."""

    kind: Literal["go"]
    days: int = Field(ge=1, le=MOST_DAYS_AT_ONCE)
    map: bool = False


class Jump(Message):
    """Be at the evening after so many days."""

    kind: Literal["jump"]
    day: Day


class Change(Message):
    """Choose something: from tomorrow on, or, where it waits for it, from the next start on."""

    kind: Literal["change"]
    changes: Choices


class StartAgain(Message):
    """From the first day, with what is chosen and these changes; `reset`: with the defaults and these changes."""

    kind: Literal["start"]
    changes: Choices = {}
    reset: bool = False


class Family(Message):
    """The family tree of a conflict."""

    kind: Literal["family"]
    side: Literal[0, 1]
    row: Row


class Mediated(Message):
    """The mediated conflicts that mattered most."""

    kind: Literal["mediated"]


class Others(Message):
    """The same days with other dice."""

    kind: Literal["others"]


class Map(Message):
    """People shot by precinct of the city up to tonight."""

    kind: Literal["map"]


class Tell(Message):
    """A lesson in a language."""

    kind: Literal["lesson"]
    name: Name
    language: Language


class Fill(Message):
    """What a step of a lesson says or asks, or its answer, filled from the run."""

    kind: Literal["fill"]
    name: Name
    step: int = Field(ge=0, le=100)
    part: Literal["say", "ask", "answer"]
    language: Language


class Keep(Message):
    """Keep the numbers of this moment under a name."""

    kind: Literal["keep"]
    name: Name
    others: bool = False


Request = Annotated[
    Hello | Go | Jump | Change | StartAgain | Family | Mediated | Others | Map | Tell | Fill | Keep,
    Field(discriminator="kind"),
]
_REQUEST: Final[TypeAdapter[Any]] = TypeAdapter(Request)
_RECIPE: Final[TypeAdapter[Recipe]] = TypeAdapter(Recipe)


def read_request(text: str | bytes) -> Any:
    """The request in a message. InputError for anything else; nothing of it is repeated in the words."""
    return _read(_REQUEST, text)


def read_recipe(text: str | bytes) -> Recipe:
    """A recipe. InputError as `read_request`."""
    recipe: Recipe = _read(_RECIPE, text)
    return recipe


def _read(adapter: TypeAdapter[Any], text: str | bytes) -> Any:
    if len(text) > MOST_BYTES:
        raise InputFault("message_too_long", where="message")
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part)[:40] for part in first["loc"]) or "message"
        raise InputFault("message", where=place) from None
