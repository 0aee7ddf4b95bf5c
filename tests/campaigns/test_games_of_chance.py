"""The games beside the wheel: what they show is what was drawn, and nothing that was chosen changes it."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.types import all_types, get_type
from campaigns.types.base import ConfigError, NotAllowed, Outcome
from campaigns.types.chance import GameOfChance
from campaigns.types.rollthedice.rules import dice_of, rolls_of
from tests.factories import MOMENT

GAMES = sorted(slug for slug, kind in all_types().items() if isinstance(kind, GameOfChance))
tables = st.lists(st.booleans(), min_size=2, max_size=12).map(
    lambda prizes: [Outcome(f"id-{n}", f"Outcome {n}", n, prize) for n, prize in enumerate(prizes)]
)


def outcomes(*prizes):
    return [Outcome(f"id-{n}", f"Outcome {n}", n, prize) for n, prize in enumerate(prizes)]


def reveal(slug, table, drawn, action=None, state=None, **config):
    kind = get_type(slug)
    settings = kind.defaults() | config
    step = kind.act(settings, state or kind.start(settings), action or {}, MOMENT)
    return kind.reveal(settings, table, drawn, step.state)


def refusal(slug, table, **config):
    kind = get_type(slug)
    with pytest.raises(ConfigError) as refused:
        kind.check(kind.defaults() | config, table)
    return refused.value.field


def test_all_six_are_games_of_chance():
    assert set(GAMES) >= {
        "spinthewheel", "scratchcard", "slotmachine", "giftbox", "rollthedice", "tossthecoin",
    }  # fmt: skip


def test_what_they_share_is_pure():
    tree = ast.parse(Path("campaigns/types/chance.py").read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert imported == {"collections.abc", "typing", "campaigns.types.base"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]


@pytest.mark.parametrize("slug", GAMES)
@given(table=tables, data=st.data())
def test_every_table_that_passes_can_show_each_of_its_outcomes(slug, table, data):
    kind = get_type(slug)
    try:
        kind.check(kind.defaults(), table)
    except ConfigError as refused:
        assert str(refused)
        return
    drawn = data.draw(st.sampled_from(table))

    shown = reveal(slug, table, drawn)

    keys = shown.keys() & {"slice", "symbols", "roll", "side", "prize"}
    assert keys
    assert all(shown[key] is not None for key in keys)


@pytest.mark.parametrize("slug", GAMES)
@pytest.mark.parametrize("title", [7, None, "x" * 81])
def test_a_title_that_is_no_short_text_is_refused(slug, title):
    assert refusal(slug, outcomes(True, False), title=title) == "title"


@given(table=tables, data=st.data())
def test_three_symbols_are_alike_for_a_prize_and_all_different_for_none(table, data):
    drawn = data.draw(st.sampled_from(table))

    symbols = reveal("slotmachine", table, drawn)["symbols"]

    assert len(set(symbols)) == (1 if drawn.is_prize else 3)


@given(table=tables)
def test_each_prize_has_a_symbol_of_its_own(table):
    prizes = [each for each in table if each.is_prize]
    shown = [reveal("slotmachine", table, each)["symbols"][0] for each in prizes]
    view = get_type("slotmachine").view({}, {}, table, MOMENT)

    assert len(set(shown)) == len(prizes)
    assert [view["prizes"][place] for place in shown] == [each.name for each in prizes]
    assert max(shown, default=0) < view["symbols"]


def test_a_slot_machine_has_symbols_for_eight_prizes():
    get_type("slotmachine").check({"title": ""}, outcomes(*[True] * 8, False))

    assert refusal("slotmachine", outcomes(*[True] * 9)) == "outcomes"


@given(table=tables, dice=st.sampled_from([1, 2]), rolls=st.integers(0, 40), data=st.data())
def test_each_roll_stands_for_one_outcome_and_the_dice_add_up_to_it(table, dice, rolls, data):
    table = table[: 6 if dice == 1 else 11]
    drawn = data.draw(st.sampled_from(table))
    config = {"dice": dice}

    shown = reveal("rollthedice", table, drawn, state={"rolls": rolls}, dice=dice)

    listed = get_type("rollthedice").view(config, {}, table, MOMENT)["table"]
    assert [row["name"] for row in listed if shown["roll"] in row["rolls"]] == [drawn.name]
    assert sum(shown["dice"]) == shown["roll"]
    assert len(shown["dice"]) == dice
    assert all(1 <= face <= 6 for face in shown["dice"])


@pytest.mark.parametrize(("dice", "lowest", "highest"), [(1, 1, 6), (2, 2, 12)])
@pytest.mark.parametrize("count", range(2, 7))
def test_all_rolls_are_dealt_out_and_none_twice(dice, lowest, highest, count):
    config = {"dice": dice}

    dealt = sorted(roll for place in range(count) for roll in rolls_of(config, count, place))

    assert dealt == list(range(lowest, highest + 1))
    assert all(sum(dice_of(config, roll)) == roll for roll in dealt)


def test_an_outcome_with_several_faces_shows_each_of_them_in_turn():
    table = outcomes(True, False)
    kind, config, state, seen = get_type("rollthedice"), {"dice": 1}, {}, set()

    for _ in range(3):
        state = kind.act(config, state, {}, MOMENT).state
        seen.add(kind.reveal(config, table, table[0], state)["roll"])

    assert seen == {1, 3, 5}


@pytest.mark.parametrize(
    ("dice", "count", "field"), [(1, 7, "outcomes"), (2, 12, "outcomes"), (3, 2, "dice"), ("1", 2, "dice")]
)
def test_dice_show_no_more_outcomes_than_they_have_faces(dice, count, field):
    assert refusal("rollthedice", outcomes(*[True] * count), dice=dice) == field


@pytest.mark.parametrize("box", [1, 3, "2"])
def test_the_box_that_was_opened_is_the_one_that_is_shown(box):
    table = outcomes(True, False)

    shown = [reveal("giftbox", table, drawn, {"box": box}) for drawn in table]

    assert shown == [{"box": int(box), "prize": True}, {"box": int(box), "prize": False}]


def test_without_a_choice_the_boxes_are_opened_in_turn():
    kind, config, state, opened = get_type("giftbox"), {"boxes": 3}, {}, []

    for _ in range(4):
        state = kind.act(config, state, {}, MOMENT).state
        opened.append(state["box"])

    assert opened == [1, 2, 3, 1]


@pytest.mark.parametrize(
    ("slug", "action"),
    [
        *[("giftbox", {"box": box}) for box in (0, 4, -1, "01", "x", "", None, True, 1.0, [1])],
        ("giftbox", {"box": 1, "won": True}),
        *[("tossthecoin", {"side": side}) for side in ("edge", "Heads", "", None, 0, ["heads"])],
        ("tossthecoin", {"side": "heads", "box": 1}),
        ("rollthedice", {"roll": 6}),
        ("slotmachine", {"symbols": [0, 0, 0]}),
        ("scratchcard", {"share": 0.45}),
    ],
)
def test_a_play_that_brings_along_what_the_game_does_not_know_is_refused(slug, action):
    kind = get_type(slug)

    with pytest.raises(NotAllowed):
        kind.act(kind.defaults(), {}, action, MOMENT)


@pytest.mark.parametrize("boxes", [2, 7, "3", 3.0, None, True])
def test_there_are_three_to_six_boxes(boxes):
    assert refusal("giftbox", outcomes(True, False), boxes=boxes) == "boxes"


@pytest.mark.parametrize(
    ("called", "won", "side"),
    [
        ("heads", True, "heads"),
        ("heads", False, "tails"),
        ("tails", True, "tails"),
        ("tails", False, "heads"),
        (None, True, "heads"),
    ],
)
def test_the_side_that_was_called_comes_up_with_a_prize_and_the_other_without(called, won, side):
    table = outcomes(True, False)

    shown = reveal("tossthecoin", table, table[0 if won else 1], {"side": called} if called else {})

    assert shown == {"called": called or "heads", "side": side}


def test_where_nobody_calls_a_side_none_is_taken():
    kind = get_type("tossthecoin")

    assert kind.view({"call": "nobody"}, {}, [], MOMENT)["sides"] == []
    with pytest.raises(NotAllowed):
        kind.act({"call": "nobody"}, {}, {"side": "heads"}, MOMENT)


@pytest.mark.parametrize("table", [outcomes(True, True), outcomes(False, False, False)])
def test_a_coin_needs_a_prize_and_no_prize(table):
    assert refusal("tossthecoin", table) == "outcomes"


def test_who_calls_the_side_is_said():
    assert refusal("tossthecoin", outcomes(True, False), call="dealer") == "call"


def test_the_words_on_a_cover_are_short():
    assert refusal("scratchcard", outcomes(True, False), cover="x" * 25) == "cover"
