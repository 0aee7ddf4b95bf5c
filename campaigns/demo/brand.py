"""The facts of Brewline: what it is called, who its people are, what its wheels give."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

NAME = "Brewline"
OWNER_EMAIL, OWNER_NAME = "owner@brewline.example", "Asha Rao"
TIME_ZONE, CURRENCY, COLOR = "Asia/Kolkata", "INR", "#0f766e"
ACTOR = "demo data"
SEED = "brewline"
DAYS = 30
# everything that a draw depends on is fixed, so the story is the same at each load
NAMESPACE = uuid.UUID("6f1d2a0e-0c5e-5f53-9d0e-8f5b4c1a7b21")

PEOPLE = 2_000
VISITORS = 180  # of them known by an anonymous id only
MIA = "u_mia"
NAMED = {
    MIA: ("Mia", "Kapoor", "Pune", "gold"),
    "u_omar": ("Omar", "Farouk", "Mumbai", "free"),
    "u_lena": ("Lena", "Vogt", "Bengaluru", "silver"),
    "u_arjun": ("Arjun", "Nair", "Chennai", "gold"),
    "u_zoya": ("Zoya", "Sheikh", "Delhi", "silver"),
    "u_tomas": ("Tomás", "Ríos", "Hyderabad", "free"),
}
FIRST_NAMES = (
    "Aarav", "Aditi", "Ahmed", "Amara", "Ananya", "Asha", "Bilal", "Carla", "Chen", "Daniel", "Deepa",
    "Devika", "Elif", "Esha", "Farah", "Gaurav", "Hana", "Imran", "Isha", "Jonas", "Kabir", "Kavya",
    "Leila", "Lucas", "Maya", "Meera", "Nadia", "Neha", "Nikhil", "Noor", "Olga", "Pooja", "Priya",
    "Rahul", "Ravi", "Rohan", "Sana", "Sara", "Tara", "Varun", "Vikram", "Yara", "Yusuf", "Zain",
)  # fmt: skip
LAST_NAMES = (
    "Agarwal", "Bose", "Chopra", "Das", "D'Souza", "Fernandes", "Ghosh", "Gupta", "Iyer", "Jain", "Joshi",
    "Khan", "Kulkarni", "Kumar", "Malhotra", "Mehta", "Menon", "Mishra", "Patel", "Pillai", "Rao", "Reddy",
    "Sen", "Shah", "Sharma", "Singh", "Thomas", "Varma", "Verma", "Yadav",
)  # fmt: skip
CITIES = {"Mumbai": 26, "Bengaluru": 22, "Delhi": 19, "Pune": 14, "Hyderabad": 11, "Chennai": 8}
PLANS = {"free": 68, "silver": 22, "gold": 10}
LANGUAGES = {"en": 58, "hi": 30, "ar": 7, "es": 5}
DEVICE_TYPES = {"android": 71, "ios": 24, "default": 5}
APP_VERSIONS = {"5.2.0": 52, "5.1.3": 31, "4.9.8": 17}

MONDAY_TO_SUNDAY = (0.80, 0.74, 0.78, 0.86, 1.08, 1.45, 1.29)
HOURS = (1, 1, 0, 0, 0, 1, 4, 9, 13, 11, 9, 8, 10, 9, 7, 7, 9, 12, 13, 11, 9, 7, 5, 3)
PLAYS = 6_000  # about; what today still has to come is left out
SPIKE_DAY, SPIKE = 19, 1.9  # a push message went out
CHANGE_DAY, CHANGE_HOUR = 16, 11  # the odds were changed
OUTAGE_DAY, OUTAGE_HOUR, OUTAGE = 23, 18, timedelta(minutes=55)  # the receiver answered 502


@dataclass(frozen=True)
class Prize:
    """One slice: its weight before and after the odds were changed."""

    name: str
    reward_type: str
    weights: tuple[int, int]
    amount: int | None = None
    body: str = ""
    terms: tuple[str, ...] = ()
    pool: str = ""
    days: int | None = None
    is_fallback: bool = False
    occasion: str = ""


DISCOUNTS, PASTRIES = "20% off", "Free pastry"
WHEEL = (
    Prize(
        "Free flat white", "freebie", (40, 50), 1, "One flat white of any size, on us.",
        ("One a visit.",), days=14,
    ),
    Prize(
        DISCOUNTS, "coupons", (200, 200), 20, "20% off your next order, up to ₹ 150.",
        ("Valid once.", "Not with other offers."), pool=DISCOUNTS, days=13,
    ),
    Prize(
        PASTRIES, "coupons", (125, 125), 1, "Any pastry from the counter.",
        ("Valid once.", "While the oven is on."), pool=PASTRIES, days=7,
    ),
    Prize("50 points", "points", (335, 325), 50, "50 points for your card."),
    Prize("No prize", "noReward", (300, 300), is_fallback=True),
)  # fmt: skip
CODE_PREFIX = {DISCOUNTS: "BREW", PASTRIES: "BAKE"}
CODES_LEFT = {DISCOUNTS: 800, PASTRIES: 61}  # the second runs out within a day or two
PLAYS_A_DAY = 3
ONLY_OPENED = 0.22  # of those who did not play

EVENT_PREFIX = "brewline-demo-"
LAUNCH_DAYS = (54, 44)  # days ago: an opening week that is over
LAUNCH_PLAYS = 420
ENDS_IN_DAYS = 13
