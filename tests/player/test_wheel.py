"""The drawn wheel: slices that close the circle, and labels that stay within them."""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.pages.theme import _parse, contrast
from campaigns.types.spinthewheel import geometry
from campaigns.types.spinthewheel.geometry import COLORS, wheel, width
from campaigns.types.spinthewheel.rules import LEAST, widths_of
from tests.factories import launched_campaign


@pytest.mark.parametrize("count", range(2, 13))
def test_the_slices_close_the_circle(count):
    slices = wheel([f"n {n}" for n in range(count)]).slices

    rims = [re.findall(r"[\d.]+ [\d.]+(?=[AZ])", each.path) for each in slices]
    assert [each[1] for each in rims] == [each[0] for each in rims[1:] + rims[:1]]
    assert [each.angle for each in slices] == [round(n * 360 / count, 3) for n in range(count)]


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=12))
def test_slices_by_odds_close_the_circle_and_each_can_be_seen(weights):
    widths, widened = widths_of(weights)

    assert sum(widths) == pytest.approx(360, abs=0.01)
    assert min(widths) >= LEAST - 0.001
    for one, other in combinations(range(len(weights)), 2):
        if weights[one] >= weights[other]:
            assert widths[one] >= widths[other] - 0.001
    if not widened and sum(weights):
        assert widths == pytest.approx([360 * each / sum(weights) for each in weights], abs=0.001)


def test_a_chance_of_nothing_is_drawn_narrow_and_said_to_be_wider():
    assert widths_of([3, 1]) == ([270, 90], False)
    assert widths_of([1, 1, 0]) == ([174, 174, 12], True)


def test_a_slice_of_more_than_half_the_wheel_is_drawn_around_its_middle():
    wide, narrow = wheel(["Not this time", "A mug"], [270, 90]).slices

    assert (wide.angle, narrow.angle) == (0, 180)
    assert " 0 1 1 " in wide.path
    assert " 0 0 1 " in narrow.path
    rims = [re.findall(r"[\d.]+ [\d.]+(?=[AZ])", each.path) for each in (wide, narrow)]
    assert rims[0] == rims[1][::-1]


@pytest.mark.parametrize(
    ("slices", "weights", "said"),
    [
        ("equal", (40, 30, 20, 10), "Slices show equal sizes"),
        ("odds", (40, 30, 20, 10), "Slices are as wide as the chances"),
        ("odds", (97, 1, 1, 1), "the smallest are drawn wider"),
    ],
)
@pytest.mark.django_db
def test_the_page_says_what_the_size_of_a_slice_means(visit, test_env, slices, weights, said):
    campaign = launched_campaign(test_env, weights=weights, config={"title": "Spin", "slices": slices})

    page = visit.arrive("/reward/", campaignId=campaign.id)

    assert said in page
    assert page.count('class="wheel__sizes"') == 1


def test_no_two_slices_of_a_wheel_share_a_colour():
    assert len({each.color for each in wheel(["x"] * 12).slices}) == 12


@pytest.mark.parametrize("color", COLORS)
def test_white_words_can_be_read_on_every_colour(color):
    assert contrast((255, 255, 255), _parse(color)) >= 4.5


@pytest.mark.parametrize("count", range(2, 9))
def test_names_go_on_the_slices_while_they_fit(count):
    drawn = wheel(["Free flat white", *["50 points"] * (count - 1)])

    assert not drawn.numbered
    assert " ".join(line.text for line in drawn.slices[0].lines) == "Free flat white"
    for line in drawn.slices[0].lines:
        middle = geometry.CENTER - line.y
        assert 40 < middle < geometry.RADIUS
        assert width(line.text, drawn.slices[0].size) < 2 * geometry.RADIUS


def test_with_more_than_eight_slices_a_legend_explains_numbers():
    drawn = wheel([f"Prize {n}" for n in range(9)])

    assert drawn.numbered
    assert [each.lines[0].text for each in drawn.slices] == [str(n) for n in range(1, 10)]
    assert drawn.slices[8].name == "Prize 8"


@pytest.mark.parametrize(
    "name", ["Supercalifragilisticexpialidocious and more", "", "無料のコーヒーをもう一杯どうぞ"]
)
def test_a_name_that_does_not_fit_turns_all_labels_into_numbers(name):
    assert wheel([name, "b", "c", "d", "e", "f", "g", "h"]).numbered


def test_wide_scripts_take_more_room():
    assert width("無料", 10) > width("ab", 10)
