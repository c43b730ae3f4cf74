"""What a form proposes before the user has chosen."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    from backend.judges import judges
    from backend.strategies import strategies
    from pages.parts import member_form

    member_form.member_form(strategies, "strategy", first=("random",))
    member_form.member_form(judges, "judge", first=("gold",))


def test_members_that_are_named_first_are_proposed_and_all_others_follow() -> None:
    at = AppTest.from_function(page, default_timeout=30).run()
    assert not at.exception
    boxes = {box.key: box for box in at.selectbox}
    assert (boxes["strategy"].value, boxes["judge"].value) == ("random", "gold")
    assert boxes["strategy"].options[1:3] == ["bottom", "dm_add"] and len(set(boxes["strategy"].options)) == 9
