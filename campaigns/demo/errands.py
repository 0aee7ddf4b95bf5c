"""What Brewline's programs ask of people: steps, orders, a birthday, and friends. Pure."""

from typing import Any

ORDER = {"event": "order_placed", "where": []}
SAID = {"text": "", "link": "", "hours": 0}

STEPS: dict[str, Any] = {
    "title": "Three sips to a free coffee",
    "order": "free",
    "hours": 0,
    "late": "ends",
    "steps": [
        {**SAID, "title": "Order any drink", "kind": "event", "trigger": ORDER},
        {
            **SAID,
            "title": "Spend ₹ 1,000",
            "kind": "sum",
            "trigger": ORDER,
            "property": "amount",
            "total": 1000,
        },
        {
            **SAID,
            "title": "Take the roast quiz",
            "text": "Five questions about your cup.",
            "kind": "game",
            "campaign": "roast-quiz",
        },
    ],
}
CARD: dict[str, Any] = {
    "title": "You have a card to scratch",
    "cover": "Scratch here",
    "todo": "Every second order is a card to scratch",
    "link": "",
    "trigger": ORDER,
    "every": 2,
    "most": 0,
}
THANKS: dict[str, Any] = {
    "title": "A thank-you from your baristas",
    "by": "api",
    "trigger": ORDER,
    "segment": "",
    "todo": "",
    "link": "",
    "most": 1,
}
FRIENDS: dict[str, Any] = {
    "title": "Bring a friend, and both of you drink",
    "message": "Join me at Brewline: your first coffee is on them.",
    "qualifies": "event",
    "trigger": ORDER,
    "count": 1,
    "todo": "Order a first drink",
    "days": 30,
    "most": 20,
    "a_day": 5,
    "tiers": [3, 10],
    "names": True,
}
