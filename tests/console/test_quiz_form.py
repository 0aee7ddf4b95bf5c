"""How marketers write a quiz: rows and buttons without a script, questions from a sheet, errors in place."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.console.editor_form import config_form
from campaigns.models import Campaign
from campaigns.types import get_type
from tests.console.test_config_forms import Sent, sent
from tests.console.test_editor import post
from tests.pictures.drawing import SVG, file, photo
from tests.types.quizzes import CONFIG, PEOPLE

NEW = "/c/test/campaigns/new/?type=quiz"
Q = "config-questions"


def typed_of(config=CONFIG):
    return sent(config_form("quiz", initial=get_type("quiz").defaults() | config))


def pressed(typed, do):
    """What the form shows after a button of it was pressed."""
    form = config_form("quiz", typed | {"do": f"game.questions.{do}"})
    return sent(config_form("quiz", initial={name: form[name].value() for name in form.fields}))


def texts(typed):
    return [typed[f"{Q}-{n}-text"] for n in range(30) if f"{Q}-{n}-text" in typed]


def checked(typed):
    """The form as it is judged, and its settings."""
    form = config_form("quiz", typed)
    return form, form.cleaned_data if form.is_valid() else None


def test_buttons_add_move_and_take_away_questions_and_lose_nothing_of_the_others():
    typed = typed_of()

    assert texts(pressed(typed, "add")) == ["Question 1?", "Question 2?", "Question 3?", ""]
    assert texts(pressed(typed, "up.2")) == ["Question 1?", "Question 3?", "Question 2?"]
    assert texts(pressed(typed, "down.0")) == ["Question 2?", "Question 1?", "Question 3?"]
    assert texts(pressed(typed, "up.0")) == texts(pressed(typed, "down.2")) == texts(typed)
    moved = pressed(pressed(typed, "remove.1"), "up.1")
    _, config = checked(moved)
    assert config["questions"] == [CONFIG["questions"][2], CONFIG["questions"][0]]


def test_a_new_question_has_room_for_answers_and_an_id_of_its_own():
    typed = pressed(typed_of(), "add")
    typed |= {f"{Q}-3-text": "New?", f"{Q}-3-answers-0": ""}
    typed |= {f"{Q}-3-0-text": "Yes", f"{Q}-3-0-right": "on", f"{Q}-3-1-text": "No"}

    _, config = checked(typed)

    assert config["questions"][3] == {
        "id": "q4",
        "kind": "single",
        "text": "New?",
        "answers": [{"id": "a1", "text": "Yes", "right": True}, {"id": "a2", "text": "No", "right": False}],
    }


def test_answers_are_added_and_an_emptied_one_goes():
    typed = pressed(typed_of(), "answer.0")
    assert f"{Q}-0-3-text" in typed
    typed |= {f"{Q}-0-3-text": "Saturn", f"{Q}-0-1-text": ""}

    _, config = checked(typed)

    assert [each["text"] for each in config["questions"][0]["answers"]] == ["Mars", "Jupiter", "Saturn"]


def test_true_or_false_needs_no_texts():
    typed = pressed(typed_of(), "add") | {f"{Q}-3-text": "Is it so?", f"{Q}-3-kind": "truefalse"}

    _, config = checked(typed | {f"{Q}-3-1-right": "on"})

    answers = [(each["text"], each["right"]) for each in config["questions"][3]["answers"]]
    assert answers == [("True", False), ("False", True)]


@pytest.mark.parametrize(
    ("line", "kind", "right"),
    [
        ("Which one is red?; Venus; *Mars; # Rust.", "single", ["Mars"]),
        ("Which are colours?\t*Green\tTea\t*Blue", "multiple", ["Green", "Blue"]),
        ('"Red, or not?", *yes, no', "single", ["yes"]),
        ("Is it so?; true; *false", "truefalse", ["False"]),
    ],
)
def test_a_pasted_line_becomes_a_question(line, kind, right):
    _, config = checked(pressed(typed_of() | {f"{Q}-pasted": line}, "paste"))

    added = config["questions"][3]
    assert added["kind"] == kind
    assert [each["text"] for each in added["answers"] if each["right"]] == right
    assert added.get("explanation") == ("Rust." if "#" in line else None)


def test_lines_that_are_no_questions_stay_where_they_were_pasted():
    lines = "No answers at all\nOne?; only\nTwo?; *a; b"

    typed = pressed(typed_of() | {f"{Q}-pasted": lines}, "paste")

    assert texts(typed)[3:] == ["Two?"]
    assert typed[f"{Q}-pasted"].strip() == "No answers at all\nOne?; only"


def test_no_more_than_twenty_questions_are_taken_however_many_are_pasted():
    lines = "\n".join(f"Question {n}?; *a; b" for n in range(40))

    assert len(texts(pressed(typed_of() | {f"{Q}-pasted": lines}, "paste"))) == 20


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        ({f"{Q}-0-text": " "}, f"{Q}-0-text-error", "Write the question."),
        ({f"{Q}-0-points": "many"}, f"{Q}-0-points-error", "1 to 100 points"),
        ({f"{Q}-1-seconds": "2"}, f"{Q}-1-seconds-error", "5 to 600 seconds"),
        ({f"{Q}-0-picture": "http://a.b/c"}, f"{Q}-0-picture-error", "begins with https://"),
        ({f"{Q}-0-picture": "https://a.b/c"}, f"{Q}-0-alt-error", "Say what the picture shows"),
        ({f"{Q}-0-1-right": "on"}, f"{Q}-0-answers-error", "Mark one right answer"),
        ({f"{Q}-0-1-text": "x" * 121}, f"{Q}-0-1-error", "up to 120 characters"),
        ({f"{Q}-2-kind": "picture", f"{Q}-2-2-right": ""}, f"{Q}-2-0-error", "Upload the picture"),
    ],
)
def test_what_is_wrong_is_said_at_the_very_place_and_in_the_summary(change, name, words):
    form, config = checked(typed_of() | change)

    assert config is None
    place = str(form["questions"]).partition(f'id="{name}"')[2].partition("</p>")[0]
    assert words in place
    assert any(words in each for each in form.errors["questions"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"config-bands": "80, x"}, "bands"), ({"config-bands": "50"}, "bands"),
        ({"config-seconds": "3"}, "seconds"),
        ({"config-pass_mark": "101"}, "pass_mark"), ({"config-mode": "personality"}, "results"),
        ({"config-title": ""}, "title"),
    ],
)  # fmt: skip
def test_each_setting_is_refused_at_its_field(change, field):
    form, config = checked(typed_of() | change)

    assert config is None
    assert field in form.errors


def test_bands_come_in_any_order_and_with_signs():
    _, config = checked(typed_of() | {"config-bands": "60%, 100 %,80"})

    assert config["bands"] == [100, 80, 60]


def test_answers_add_to_results_by_the_names_that_a_marketer_gave():
    typed = typed_of(PEOPLE) | {
        "config-results": "Big Cat: You sleep a lot.\nDog",
        f"{Q}-0-0-results": "Big cat 3, Dog",
        f"{Q}-0-1-results": "dog",
        f"{Q}-1-0-results": "big-cat",
        f"{Q}-1-1-results": "",
    }

    _, config = checked(typed)

    assert config["results"] == [
        {"id": "big-cat", "name": "Big Cat", "text": "You sleep a lot."},
        {"id": "dog", "name": "Dog"},
    ]
    added = [each.get("results") for every in config["questions"] for each in every["answers"]]
    assert added == [{"big-cat": 3, "dog": 1}, {"dog": 1}, {"big-cat": 1}, None]


def test_an_answer_that_adds_to_no_known_result_is_refused():
    form, _ = checked(typed_of(PEOPLE) | {f"{Q}-0-0-results": "mouse"})

    assert form.errors["questions"] == ["Question 1: answer 1: There is no result called mouse."]


def test_a_quiz_is_made_by_hand_and_kept(owner):
    page = owner.get(NEW)
    values = sent([page.text])

    answer = post(owner, NEW, values | {"name": "Roast quiz", "do": "save"})

    assert answer.status_code == 302, answer.context["editor"].problems
    assert Campaign.objects.get().config == get_type("quiz").defaults()


def test_a_pressed_button_of_the_questions_shows_the_settings_and_stores_nothing(owner):
    values = sent([owner.get(NEW).text])

    page = post(owner, NEW, values, do="game.questions.add")

    assert page.context["step"] == "look"
    assert f'name="{Q}-3-text"' in page.text
    assert not Campaign.objects.exists()


PHOTO = file(photo((300, 400)), "JPEG")
OURS = r"/pictures/[0-9a-f-]{36}/[0-9a-f]{64}\.webp"


def chosen(content):
    return SimpleUploadedFile("cat.jpg", content, "image/jpeg")


def whole(owner):
    """A new quiz whose first question asks for a picture."""
    page = owner.get(NEW)
    typed = Sent(page.text.partition("<main")[2]).data
    return typed | {"name": "Cats", "do": "save", f"{Q}-0-alt": "A cat", f"{Q}-0-kind": "picture"}


@pytest.mark.django_db
def test_pictures_of_questions_and_answers_are_uploaded_with_the_form(owner, client):
    typed = whole(owner)
    places = [n for n in range(8) if f"{Q}-0-{n}-id" in typed and typed[f"{Q}-0-{n}-text"]]
    files = {f"{Q}-0-picture-file": chosen(PHOTO)}
    files |= {f"{Q}-0-{n}-picture-file": chosen(PHOTO) for n in places}

    answer = owner.post(NEW, typed | files)

    assert answer.status_code == 302, list(answer.context["editor"].errors())
    question = Campaign.objects.get().config["questions"][0]
    for address in (question["picture"], *(each["picture"] for each in question["answers"])):
        assert re.fullmatch(OURS, address)
        assert client.get(address).headers["Content-Type"] == "image/webp"
    assert get_type("quiz").pictures(Campaign.objects.get().config) == frozenset()


@pytest.mark.django_db
def test_the_largest_quiz_is_one_form_as_a_browser_sends_it(owner):
    typed = {name: value for name, value in whole(owner).items() if not name.startswith(f"{Q}-")}
    typed |= {f"{Q}-shown": "1", "name": "Large"}
    for n in range(20):
        typed |= {f"{Q}-{n}-{part}": "" for part in ("picture", "alt", "video", "explanation")}
        typed |= {f"{Q}-{n}-id": f"q{n}", f"{Q}-{n}-kind": "picture", f"{Q}-{n}-text": f"Question {n}?"}
        typed |= {f"{Q}-{n}-points": "1", f"{Q}-{n}-seconds": "0", f"{Q}-{n}-0-right": "on"}
        for a in range(8):
            picture = f"https://example.com/{n}/{a}.png"
            typed |= {f"{Q}-{n}-{a}-id": f"a{a}", f"{Q}-{n}-{a}-text": f"Answer {a}"}
            typed |= {f"{Q}-{n}-{a}-picture": picture, f"{Q}-{n}-{a}-results": ""}
    files = [f"{Q}-{n}-{part}picture-file" for n in range(20) for part in ("", *(f"{a}-" for a in range(8)))]
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in typed.items()]
    parts += [
        f'name="{name}"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n' for name in files
    ]
    body = "".join(f"--edge\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + "--edge--\r\n"

    answer = owner.post(NEW, body.encode(), content_type="multipart/form-data; boundary=edge")

    assert answer.status_code == 302, list(answer.context["editor"].errors())[:3]
    assert len(Campaign.objects.get().config["questions"]) == 20


@pytest.mark.django_db
def test_a_picture_of_a_question_survives_a_button(owner):
    answer = owner.post(
        NEW, whole(owner) | {"do": "game.questions.add", f"{Q}-0-picture-file": chosen(PHOTO)}
    )

    shown = Sent(answer.text.partition("<main")[2]).data[f"{Q}-0-picture"]
    assert re.fullmatch(OURS, shown)
    assert f'<img class="chosen__shown" src="{shown}"' in answer.text


@pytest.mark.django_db
def test_a_file_that_is_no_picture_is_refused_in_words(owner):
    answer = owner.post(NEW, whole(owner) | {f"{Q}-0-picture-file": chosen(SVG)})

    assert answer.status_code == 400
    assert "Picture of question 1: This is an SVG" in answer.text
    assert answer.context["editor"].config.errors["questions"]
    assert not Campaign.objects.exists()


def test_only_pictures_may_be_ours_without_a_host():
    ours = f"/pictures/{'0' * 8}-0000-0000-0000-{'0' * 12}/{'a' * 64}.webp"
    strange = {
        f"{Q}-0-video": ours,
        f"{Q}-1-picture": "/pictures/../secret.webp",
        f"{Q}-1-alt": "x",
    }

    form, _ = checked(typed_of() | strange)

    problems = {each.path for each in form.fields["questions"].widget.problems}
    assert {"questions.0.video", "questions.1.picture"} <= problems
