"""The expected rows of a day."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_NAMES = (
    "C1", "0042", "Müller", "Möller", "Iron Maiden", "a,b", 'say "x"', "semi;colon", "x|y", "#7",
    "Ωmega", "{guid}", "-5", "1e5", "NULLA", "null island",
)  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """An expected transaction: time in UTC microseconds since 1970, amount in cents."""

    transaction_id: str
    time: int
    customer_id: str
    terminal_id: str
    cents: int
    is_fraud: int | None


def draw_day(
    rng: random.Random, day: date, zone: ZoneInfo, *, precision: int, characters: str
) -> list[Truth]:
    """Draw between 3 and 12 transactions of a day of the zone.

    Args:
        rng: random generator.
        day: day in the zone.
        zone: zone of the delivery.
        precision: microseconds of which each time is a multiple.
        characters: encoding that must support the ids.
    """
    first = datetime.combine(day, time(), zone).astimezone(UTC)
    after = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    start, end = ((moment - EPOCH) // MICROSECOND for moment in (first, after))
    names = [name for name in _NAMES if _fits(name, characters)]
    return [
        Truth(
            transaction_id=f"{day:%j}{number:03}" if rng.random() < 0.3 else f"{day}-{number}",
            time=rng.randrange(start, end) // precision * precision,
            customer_id=_name(rng, names),
            terminal_id=_name(rng, names),
            cents=rng.choice(
                (0, 1, 1_250, 99_999, rng.randrange(10**7), 100 * rng.randrange(10**5))
            ),
            is_fraud=rng.choice((0, 0, 1, None)),
        )
        for number in range(rng.randint(3, 12))
    ]


def _name(rng: random.Random, names: list[str]) -> str:
    return str(rng.randrange(10**9)) if rng.random() < 0.4 else rng.choice(names)


def _fits(name: str, characters: str) -> bool:
    try:
        name.encode(characters)
    except UnicodeEncodeError:
        return False
    return True
