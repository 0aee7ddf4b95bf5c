"""The games beside the wheel: what they show is what was drawn, and nothing that was chosen changes it."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.console.editor_form import config_form
from campaigns.types import all_types, get_type
from campaigns.types.base import ConfigError, NotAllowed, Outcome
from campaigns.types.chance import GameOfChance
from campaigns.types.rollthedice.faces import rolls_of
from campaigns.types.rollthedice.rules import dice_of
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
    assert view["prizes"] == [
        {"name": each.name, "symbol": symbol} for each, symbol in zip(prizes, shown, strict=True)
    ]
    assert set(shown) <= set(view["reel"])


def test_a_slot_machine_has_symbols_for_eight_prizes():
    get_type("slotmachine").check({"title": ""}, outcomes(*[True] * 8, False))

    assert refusal("slotmachine", outcomes(*[True] * 9)) == "outcomes"


def test_symbols_set_by_hand_are_the_prizes_in_their_order():
    table = outcomes(True, False, True)
    config = {"symbols": ["moon", "cup"]}

    shown = [reveal("slotmachine", table, each, **config)["symbols"] for each in table]
    view = get_type("slotmachine").view(config, {}, table, MOMENT)

    assert (shown[0], shown[2]) == ([7, 7, 7], [0, 0, 0])
    assert len(set(shown[1])) == 3
    assert view["reel"] == [7, 0, 1, 2]
    assert [each["symbol"] for each in view["prizes"]] == [7, 0]


@pytest.mark.parametrize(
    "symbols",
    [["cup"], ["cup", "cup"], ["cup", "moon", "star"], ["cup", "pear"], "cup", ["cup", 1], ["cup", []]],
)
def test_symbols_that_leave_a_prize_in_doubt_are_refused(symbols):
    assert refusal("slotmachine", outcomes(True, False, True), symbols=symbols) == "symbols"


def test_faces_set_by_hand_are_those_that_come_up():
    table = outcomes(True, False)
    config = {"dice": 1, "faces": [[6], [1, 2, 3, 4, 5]]}
    kind = get_type("rollthedice")
    kind.check({"title": ""} | config, table)

    assert [row["rolls"] for row in kind.view(config, {}, table, MOMENT)["table"]] == config["faces"]
    assert {
        reveal("rollthedice", table, table[0], state={"rolls": n}, **config)["roll"] for n in range(5)
    } == {6}
    seen = {reveal("rollthedice", table, table[1], state={"rolls": n}, **config)["roll"] for n in range(9)}
    assert seen == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    "faces",
    [
        [[1, 2, 3, 4, 5, 6]], [[1, 2, 3], [4, 5]], [[1, 2, 3, 4], [4, 5, 6]], [[1, 2, 3], [4, 5, 7]],
        [[1, 2, 3, 4, 5, 6], []], [[0, 1, 2, 3], [4, 5, 6]], [[True, 2, 3], [4, 5, 6]], "1", [1, 2],
    ],
)  # fmt: skip
def test_faces_that_stand_for_no_or_for_two_outcomes_are_refused(faces):
    assert refusal("rollthedice", outcomes(True, False), faces=faces) == "faces"


@pytest.mark.parametrize(
    ("slug", "typed", "config"),
    [
        ("slotmachine", {"symbols": "Crown, cup"}, {"symbols": ["crown", "cup"]}),
        ("slotmachine", {"symbols": ""}, {"symbols": []}),
        (
            "rollthedice",
            {"dice": "1", "faces": "6\n1, 2,3 4\r\n5"},
            {"dice": 1, "faces": [[6], [1, 2, 3, 4], [5]]},
        ),
        ("spinthewheel", {"slices": "odds"}, {"slices": "odds"}),
    ],
)
def test_what_is_typed_by_hand_is_kept_and_shown_again(slug, typed, config):
    form = config_form(
        slug, {"config-title": "Win"} | {f"config-{name}": text for name, text in typed.items()}
    )
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"title": "Win"} | config

    shown = config_form(slug, initial=form.cleaned_data)
    again = config_form(slug, {f"config-{field.name}": str(field.value()) for field in shown})
    assert again.is_valid()
    assert again.cleaned_data == form.cleaned_data


@pytest.mark.parametrize("symbols", ["pear", "cup cup"])
def test_a_symbol_that_is_none_is_told_at_the_field(symbols):
    form = config_form("slotmachine", {"config-title": "Win", "config-symbols": symbols})

    assert "symbols" in form.errors


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
