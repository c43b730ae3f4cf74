"""A member's form, made from its signature: name → help, arguments → widgets → a checked Call."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import streamlit as st
from pydantic.fields import FieldInfo

from backend.judges.templates import TEMPLATE
from backend.registry import Call, Family, Member, called, matters

from .file_input import file_input

Choices = Mapping[str, Mapping[Any, str]]


def member_form(family: Family, key: str, *, first: tuple[str, ...] = (), label: str | None = None,
                choices: Choices | None = None) -> Call:  # fmt: skip
    """A picker of the family's members and the form of the chosen one.

    `first`: members that stand at the top, the first of them being chosen until the user chooses. `choices`: argument →
    the values that may be picked, with titles. BadSpec where one cannot be used.
    """
    member = member_picker(family, key, first=first, label=label)
    return member.call(arguments(member, key, choices or {}))


def member_picker(family: Family, key: str, *, first: tuple[str, ...] = (), label: str | None = None) -> Member:
    """A picker of the family's members alone."""
    offered = [member.name for member in family if "recorded" not in member.attributes]  # those come from a file
    known = [*first, *(name for name in offered if name not in first)]
    name = st.selectbox(label or family.noun.capitalize(), known, key=key, bind="query-params")
    member = family[name or known[0]]
    st.caption(member.title)
    return member


def arguments(member: Member, key: str, choices: Choices, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The widgets of a member's arguments and what they hold; what is left empty keeps its default."""
    values: dict[str, Any] = dict(given or {})
    for name, field in member.arguments.model_fields.items():
        if name in values or not matters(field, values):
            continue
        value = _widget(name, field, f"{key}.{member.name}.{name}", choices.get(name))
        if value is not None or not field.is_required():
            values[name] = value
    if len(member.help) > len(member.title):
        with st.expander("What it does, and where it is from"):
            st.markdown(member.help)
    return values


def missing(member: Member, given: Mapping[str, Any]) -> list[str]:
    """What people read for the arguments that are still to be given."""
    fields = member.arguments.model_fields
    known = dict.fromkeys(fields) | dict(given)
    return [called(n, f) for n, f in fields.items() if f.is_required() and n not in given and matters(f, known)]


def _widget(name: str, field: FieldInfo, key: str, options: Mapping[Any, str] | None) -> Any:
    """One argument as the widget that its type asks for."""
    kind, empty = _kind(field.annotation)
    label = called(name, field)
    default = None if field.is_required() else field.default
    if TEMPLATE in field.metadata:
        return file_input(label, key, placeholder="none: Winnow's own wording" if empty else "~/template.txt",
                          written="{question}\n\nAnswer A: {answer_a}\n\nAnswer B: {answer_b}\n\n…")  # fmt: skip
    if "signal" in field.metadata or options:
        return _choice(label, options or _titled(_signals()), default, key)
    if typing.get_origin(kind) is Literal:
        return _choice(label, _titled(typing.get_args(kind)), default, key)
    if kind is bool:
        return st.checkbox(label, bool(default), key=key, bind="query-params")
    if kind in (int, float):
        number = None if default is None else kind(default)
        bounds = _bounds(field, kind)
        return st.number_input(label, value=number, key=key, placeholder="default" if empty else "", **bounds,
                               step=1 if kind is int else None, format=None if kind is int else "%g",
                               bind="query-params")  # fmt: skip
    text = st.text_input(label, default or "", key=key, placeholder="none" if empty else "", bind="query-params")
    return text or None


def _choice(label: str, options: Mapping[Any, str], default: Any, key: str) -> Any:
    values = list(options)
    at = values.index(default) if default in values else 0
    return st.selectbox(label, values, index=at, key=key, bind="query-params", format_func=lambda v: options[v])


def _titled(values: Iterable[Any]) -> dict[Any, str]:
    return {value: str(value) for value in values}


def _signals() -> list[str]:
    from backend.signals import signals

    return signals.names()


def _kind(annotation: Any) -> tuple[Any, bool]:
    """The type without `| None`, and whether None was allowed."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        parts = [part for part in typing.get_args(annotation) if part is not type(None)]
        return parts[0], len(parts) < len(typing.get_args(annotation))
    return annotation, False


def _bounds(field: FieldInfo, kind: Any) -> dict[str, Any]:
    """The smallest and largest value that the type's constraints allow."""
    found: dict[str, Any] = {}
    for constraint in field.metadata:
        for name, bound in (("ge", "min_value"), ("gt", "min_value"), ("le", "max_value"), ("lt", "max_value")):
            if (value := getattr(constraint, name, None)) is not None:
                found[bound] = kind(value)
    return found
