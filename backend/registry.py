"""The one plug-in mechanism: a member is a decorated pure function in a file of its own.

    strategies = Family("strategy", __name__)      # in backend/strategies/__init__.py

    @strategies.member(needs=("external_margin",))  # in backend/strategies/<anything>.py
    def my_strategy(signals: Signals, budget: int, *, seed: int, threshold: float = 0.5) -> Chosen:
        "One line of help. Longer help, with the paper and the equation."

Positional parameters are what the family hands over. Keyword-only parameters are the member's *arguments*: they are
validated, recorded in the spec with their defaults filled in, become the form in the app and the flags on the command
line. `seed` is handed over too: it belongs to the spec, not to the member.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError, create_model
from pydantic.fields import FieldInfo

from .errors import BadSpec, nearest

HANDED_OVER = frozenset({"seed"})
LATER = "later"  # in an argument's Annotated type: runs are older than it, so a spec leaves it out at its default


class Only:
    """In an argument's Annotated type: it matters only where another argument has one of these values."""

    def __init__(self, argument: str, *values: Any) -> None:
        self.argument, self.values = argument, values


def matters(field: FieldInfo, values: Mapping[str, Any]) -> bool:
    """Whether an argument counts beside the others."""
    return all(values[mark.argument] in mark.values for mark in field.metadata if isinstance(mark, Only))


def called(name: str, field: FieldInfo) -> str:
    """What people read for an argument: its title, or its name in words."""
    return field.title or name.replace("_", " ")


class Call(BaseModel):
    """A member and its arguments, as data."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    args: dict[str, JsonValue] = {}

    def __str__(self) -> str:
        shown = ", ".join(f"{k}={v}" for k, v in self.args.items() if v is not None)
        return f"{self.name}({shown})" if shown else self.name


@dataclass(frozen=True)
class Member:
    """A function of a family: what it is called, what it takes, what it needs."""

    name: str
    function: Callable[..., Any]
    arguments: type[BaseModel]
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(self.function) or self.name).split("\n")[0]

    @property
    def help(self) -> str:
        """The whole docstring."""
        return inspect.getdoc(self.function) or ""

    def bind(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Validated arguments with their defaults, as Python values; BadSpec names the first that is wrong."""
        try:
            bound = self.arguments(**args)
        except ValidationError as error:
            raise BadSpec(f"{self.name}: {_first(error, self.arguments)}") from None
        found = {name: getattr(bound, name) for name in self.arguments.model_fields}
        for name, about in self.arguments.model_fields.items():
            if found[name] != about.default and not matters(about, found):
                raise BadSpec(f"{self.name}: {name} = {found[name]!r} has no effect beside the others; leave it out.")
        return found

    def call(self, args: Mapping[str, Any]) -> Call:
        """The call with every default filled in, but those of `LATER` arguments: what a spec records."""
        bound = self.bind(args)
        fields = self.arguments.model_fields
        unsaid = {name for name, field in fields.items() if LATER in field.metadata and bound[name] == field.default}
        return Call(name=self.name, args=self.arguments(**args).model_dump(mode="json", exclude=unsaid))


def _first(error: ValidationError, model: type[BaseModel]) -> str:
    problem = error.errors()[0]
    name = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"there is no argument {name!r}; {nearest(name, model.model_fields)}"
    if problem["type"] == "missing":
        shown = called(name, model.model_fields[name])
        flag = "" if shown == name else f" (--{name.replace('_', '-')})"
        return f"{shown}{flag} is missing and has no default; give it."
    return f"{name} = {problem['input']!r}: {problem['msg']}."


class Family:
    """All members of one kind, found by importing the modules of one package."""

    def __init__(self, noun: str, package: str) -> None:
        self.noun, self.package = noun, package
        self._members: dict[str, Member] = {}
        self._complete = False

    def member(self, **attributes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorator: registers a function under its own name."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            name = function.__name__
            self._members[name] = Member(name, function, _arguments(function), attributes)
            return function

        return register

    def _load(self) -> None:
        if not self._complete:
            path = importlib.import_module(self.package).__path__
            for module in pkgutil.iter_modules(path):
                importlib.import_module(f"{self.package}.{module.name}")
            self._complete = True

    def __iter__(self) -> Iterator[Member]:
        self._load()
        return iter(sorted(self._members.values(), key=lambda m: m.name))

    def __getitem__(self, name: str) -> Member:
        self._load()
        if name not in self._members:
            raise BadSpec(f"there is no {self.noun} {name!r}; {nearest(name, self._members)}")
        return self._members[name]

    def names(self) -> list[str]:
        """The names of all members, in alphabetical order."""
        return [member.name for member in self]

    def call(self, name: str, **args: Any) -> Call:
        """A checked call of a member, every default filled in."""
        return self[name].call(args)


def _arguments(function: Callable[..., Any]) -> type[BaseModel]:
    """A pydantic model of the keyword-only parameters of a member."""
    hints = typing.get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name not in HANDED_OVER:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[name] = (hints[name], default)
    config = ConfigDict(extra="forbid", frozen=True)
    return create_model(function.__name__, __config__=config, **fields)
