"""The plug-in mechanism."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest

from backend.errors import BadSpec
from backend.judges import judges
from backend.registry import LATER, Call, Family

family = Family("toy", "backend.sample_of_nothing")
family._complete = True  # its members are these


@family.member(needs=("reward",))
def cut(
    values: list[float], budget: int, *, seed: int, threshold: float = 0.5, side: Literal["top", "bottom"] = "top"
) -> list[float]:
    """Cuts. With more help."""
    return values[:budget]


@family.member()
def plain(values: list[float], *, strength: int) -> None:
    """Needs an argument."""


def test_a_call_records_every_default() -> None:
    assert family.call("cut") == Call(name="cut", args={"threshold": 0.5, "side": "top"})


def test_an_argument_that_came_later_is_recorded_only_where_it_is_not_at_its_default() -> None:
    grown = Family("grown", "backend.sample_of_nothing")
    grown._complete = True

    @grown.member()
    def measure(items: list[str], *, limit: int = 3, engine: Annotated[Literal["old", "new"], LATER] = "old") -> None:
        """Measures."""

    assert grown.call("measure") == grown.call("measure", engine="old") == Call(name="measure", args={"limit": 3})
    assert grown.call("measure", engine="new").args == {"limit": 3, "engine": "new"}
    assert grown["measure"].bind({"limit": 3}) == {"limit": 3, "engine": "old"}


def test_what_is_handed_over_is_not_an_argument() -> None:
    assert list(family["cut"].arguments.model_fields) == ["threshold", "side"]


def test_the_docstring_is_the_help() -> None:
    assert family["cut"].title == "Cuts. With more help."
    assert family["cut"].attributes["needs"] == ("reward",)


def test_an_unknown_member_gets_the_nearest_guess() -> None:
    with pytest.raises(BadSpec, match="no toy 'cutt'; did you mean 'cut'"):
        family["cutt"]


def test_an_unknown_argument_gets_the_nearest_guess() -> None:
    with pytest.raises(BadSpec, match="no argument 'treshold'; did you mean 'threshold'"):
        family.call("cut", treshold=1)


def test_a_wrong_value_is_shown() -> None:
    with pytest.raises(BadSpec, match="side = 'left'"):
        family.call("cut", side="left")


def test_a_missing_argument_is_named() -> None:
    with pytest.raises(BadSpec, match="strength"):
        family.call("plain")


def test_members_come_in_alphabetical_order() -> None:
    assert family.names() == ["cut", "plain"]


def test_an_argument_that_has_no_effect_beside_the_others_is_refused() -> None:
    member = judges["custom"]
    given = {"model": "m", "prompts": "x", "reply": "token", "first": "1", "second": "2"}
    assert member.bind(given)["tie"] == "[[C]]", "defaults may stand"
    with pytest.raises(BadSpec, match="custom: after = 'Winner:' has no effect beside the others; leave it out"):
        member.bind({**given, "after": "Winner:"})


def test_an_argument_that_is_missing_is_called_as_the_form_calls_it_and_by_its_flag() -> None:
    with pytest.raises(BadSpec, match=r"^custom: Template \(--prompts\) is missing and has no default; give it\.$"):
        judges["custom"].bind({"model": "m"})
    with pytest.raises(BadSpec, match=r"^plain: strength is missing and has no default; give it\.$"):
        family["plain"].bind({})
