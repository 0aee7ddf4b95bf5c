"""What the samples of two programs tell of each other: one line for each comparison, beside its goal."""

from collections.abc import Iterator
from statistics import median

from tests.bench import requests
from tests.bench.measuring import Sample

GOALS = {"hello": 0.15, "hello register": 0.20, "hello event": 0.18, "twin register": 3, "twin wallet": 6}
GOALS_OF_SEGMENTS = {"hello wallet": 0.25, "twin wallet": 8}
SMALL, MOST_GROWTH = 10_000, 1.2  # a request among many people costs at most so many times as much
BATCH = f"event of a batch of {requests.BATCH}"


def compare(samples: dict[tuple[str, str], list[Sample]]) -> Iterator[dict[str, object]]:
    for name, program in samples:
        if program != "ours":
            continue
        for against, (reference, goal) in _references(name).items():
            if reference in samples:
                yield _line(name, against, samples[name, "ours"], samples[reference], goal)


def _references(name: str) -> dict[str, tuple[tuple[str, str], float]]:
    """What a path is measured against, and how much of it is enough."""
    if name == BATCH:
        return {"one event": (("event", "ours"), 12.0), "pgbench": ((BATCH, "pgbench"), 0.45)}
    twin = GOALS.get(f"twin {name.split(maxsplit=1)[0]}", 0)
    hello = GOALS.get(f"hello {name}", GOALS["hello"])
    among_few = ((name, "small"), 1 / MOST_GROWTH)
    return {
        "hello": (("hello", "hello"), hello),
        "twin": ((name, "twin"), twin),
        f"{SMALL:,} people": among_few,
    }


def _line(
    name: str, against: str, ours: list[Sample], reference: list[Sample], goal: float
) -> dict[str, object]:
    ratio = median(b.cpu_us / a.cpu_us for a, b in zip(ours, reference, strict=True))
    return {
        "path": name,
        "against": against,
        "ours": round(median(each.cpu_us for each in ours)),
        "reference": round(median(each.cpu_us for each in reference)),
        "ratio": round(ratio, 3),
        "unit": "cpu µs/event" if name == BATCH else "cpu µs/request",
        "ours_rps": round(median(each.rps for each in ours)),
        "reference_rps": round(median(each.rps for each in reference)),
        "ours_web": round(median(each.web_us for each in ours)),
        "ours_postgres": round(median(each.postgres_us for each in ours)),
        "ours_p50_ms": round(median(each.p50_ms for each in ours), 1),
        "ours_p99_ms": round(median(each.p99_ms for each in ours), 1),
        "goal": goal,
        "met": ratio >= goal,
    }
