"""What Brewline's quiz asks. Pure."""

from typing import Any


def _answers(*texts: str) -> list[dict[str, Any]]:
    """A star is before what is right."""
    return [
        {"id": f"a{number}", "text": text.removeprefix("*"), "right": text.startswith("*")}
        for number, text in enumerate(texts, 1)
    ]


CONFIG: dict[str, Any] = {
    "title": "How well do you know your coffee?",
    "mode": "quiz",
    "questions": [
        {
            "id": "q1",
            "kind": "single",
            "text": "What is a coffee bean, before it is roasted?",
            "answers": _answers("A nut", "*The seed of a fruit", "A root", "A bud"),
            "explanation": "It is the seed of a red fruit that is called a cherry.",
        },
        {
            "id": "q2",
            "kind": "truefalse",
            "text": "A dark roast has far more caffeine than a light one.",
            "answers": _answers("True", "*False"),
            "explanation": "Roasting changes the taste; the caffeine stays much the same.",
        },
        {
            "id": "q3",
            "kind": "multiple",
            "text": "Which of these are made with espresso?",
            "answers": _answers("*Flat white", "*Cortado", "Cold brew", "*Americano"),
            "explanation": "Cold brew is steeped for hours in cold water.",
        },
        {
            "id": "q4",
            "kind": "single",
            "text": "Which part of the world did coffee come from first?",
            "answers": _answers("South America", "*East Africa", "South-East Asia"),
            "explanation": "The plant grows wild in the highlands of Ethiopia.",
        },
        {
            "id": "q5",
            "kind": "single",
            "text": "What keeps beans fresh for longest?",
            "answers": _answers(
                "A bowl on the counter", "The fridge door", "*A closed tin in a dark cupboard"
            ),
            "explanation": "Air, light and damp take their taste away.",
        },
    ],
    "results": [],
    "tell": "each",
    "shuffle_questions": True,
    "shuffle_answers": True,
    "partial": True,
    "pass_mark": 60,
    "bands": [100, 60],
    "seconds": 0,
}
