"""The drawn wheel: slices that close the circle, and labels that stay within them."""

import re

import pytest

from campaigns.pages.theme import _parse, contrast
from campaigns.types.spinthewheel import geometry
from campaigns.types.spinthewheel.geometry import COLORS, wheel, width


@pytest.mark.parametrize("count", range(2, 13))
def test_the_slices_close_the_circle(count):
    slices = wheel([f"n {n}" for n in range(count)]).slices

    rims = [re.findall(r"[\d.]+ [\d.]+(?=[AZ])", each.path) for each in slices]
    assert [each[1] for each in rims] == [each[0] for each in rims[1:] + rims[:1]]
    assert [each.angle for each in slices] == [round(n * 360 / count, 3) for n in range(count)]


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
