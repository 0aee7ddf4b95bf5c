"""A crowd that is the same at every visit: person n is a pure function of n.

As rows for COPY into the users' table, and as the CSV that an import reads. Nobody in it is
real, no value repeats so often that a compressor or an index would have it easy.
"""

import csv
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random

CITIES = ("Pune", "Delhi", "São Paulo", "Köln", "Nairobi", "Osaka", "Lagos", "Quito", "Łódź", "Hanoi")
FIRST = ("Asha", "Mia", "Noor", "Lena", "Kofi", "Yuki", "Ines", "Omar", "Ravi", "Zoë")
LAST = ("Rao", "Kapoor", "Silva", "Okafor", "Tanaka", "Weiß", "Nguyen", "Haddad", "Mensah", "Novak")
TIERS = ("bronze", "silver", "gold", "platinum")
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
START = datetime(2024, 1, 1, tzinfo=UTC)
HEADER = (
    "userId", "userName", "email", "phone", "profile.firstName", "profile.lastName", "profile.city",
    "attributes.tier", "attributes.orders", "attributes.spent", "attributes.vip", "attributes.store",
    "attributes.last_item", "attributes.language", "attributes.cart", "attributes.points",
    "attributes.joined",
)  # fmt: skip
COLUMNS = (
    "environment_id, glu_id, user_id, user_name, email, phone, referral_code, device, profile, identities,"
    " attributes, token_version, is_test, is_demo, registered_at, updated_at, last_seen_at"
)


@dataclass(frozen=True)
class Somebody:
    """Person n."""

    n: int

    @cached_property
    def chance(self) -> Random:
        return Random(self.n)

    @property
    def user_id(self) -> str:
        return f"u_{self.n}"

    @cached_property
    def glu_id(self) -> uuid.UUID:
        return uuid.UUID(int=(0x9E3779B97F4A7C15F39CC0605CEDC835 * (self.n + 1)) % 2**128)

    @property
    def code(self) -> str:
        left = (self.n * 0x5851F42D4C957F2D + 0x14057B7EF767814F) % 2**40  # odd: no two n meet
        return "GLU-" + "".join(ALPHABET[(left >> shift) & 31] for shift in range(0, 40, 5))

    @property
    def registered_at(self) -> datetime:
        return START + timedelta(seconds=self.n * 37 % (700 * 86_400))

    @cached_property
    def first_name(self) -> str:
        return FIRST[self.n * 7 % len(FIRST)]

    @cached_property
    def last_name(self) -> str:
        return LAST[self.n // 10 % len(LAST)]

    @property
    def contacts(self) -> tuple[str, str, str]:
        mail = f"person{self.n}@example.com"
        return f"{self.first_name} {self.last_name}", mail, f"+9198{self.n * 7919 % 10**8:08}"

    @property
    def profile(self) -> dict[str, str]:
        city = CITIES[self.n * 13 % len(CITIES)]
        return {"firstName": self.first_name, "lastName": self.last_name, "city": city}

    @cached_property
    def attributes(self) -> dict[str, object]:
        chance = self.chance
        return {
            "tier": TIERS[min(3, int(chance.expovariate(1.2)))],
            "orders": chance.randrange(200),
            "spent": round(chance.expovariate(1 / 400), 2),
            "vip": chance.random() < 0.05,
            "store": f"store-{chance.randrange(2_000)}",
            "last_item": f"item-{chance.randrange(50_000)}",
            "language": chance.choice(("en", "hi", "pt", "de", "ja")),
            "cart": chance.randrange(9),
            "points": chance.randrange(100_000),
            "joined": self.registered_at.date().isoformat(),
        }


def people(count: int, first: int = 0) -> Iterator[Somebody]:
    return map(Somebody, range(first, first + count))


def write_csv(file: Path, count: int, first: int = 0) -> Path:
    """The crowd as an import takes it."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        for each in people(count, first):
            values = ("true" if value is True else value for value in each.attributes.values())
            plain = ("false" if value is False else value for value in values)
            writer.writerow((each.user_id, *each.contacts, *each.profile.values(), *plain))
    return file


def write_copy(file: Path, environment_id: object, count: int, first: int = 0) -> Path:
    """The crowd as COPY's text format, ready for COLUMNS; what an import is measured against."""
    with file.open("w", encoding="utf-8", newline="\n") as out:
        for each in people(count, first):
            at = each.registered_at.isoformat()
            profile = json.dumps(each.profile, ensure_ascii=False)
            attributes = json.dumps(each.attributes, ensure_ascii=False)
            start = (environment_id, each.glu_id, each.user_id, *each.contacts, each.code)
            end = ("{}", profile, "{}", attributes, 1, "f", "f", at, at, at)
            out.write("\t".join(map(str, start + end)) + "\n")
    return file


def load(connection: object, file: Path) -> None:
    """COPY a file of `write_copy` into the users' table, over a psycopg connection."""
    with (
        connection.cursor() as cursor,  # type: ignore[attr-defined]  # psycopg's or Django's
        cursor.copy(f"COPY users_enduser ({COLUMNS}) FROM STDIN") as copy,
        file.open("rb") as source,
    ):
        while block := source.read(1 << 20):
            copy.write(block)
