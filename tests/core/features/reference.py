"""Every feature from the words of its rule: plain loops over events, exact fractions, no NumPy.

A feature is looked up by its name without the window; the window is read from the end of the name.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from statistics import median_low

SECOND = 1_000_000
DAY = 86_400 * SECOND
UNITS = {"m": 60 * SECOND, "h": 3600 * SECOND, "d": DAY}
MONTH = 30 * DAY
NEVER = 10 * 365 * 86_400


@dataclass(frozen=True)
class Event:
    id: str
    time: int
    customer: str
    terminal: str
    cents: int
    is_fraud: int | None
    home: dict[str, float] | None = None
    place: dict[str, float] | None = None

    @property
    def amount(self) -> Fraction:
        return Fraction(self.cents, 100)


def plane(x: float, y: float) -> dict[str, float]:
    return {"x": x, "y": y}


def degrees(latitude: float, longitude: float) -> dict[str, float]:
    return {"latitude": latitude, "longitude": longitude}


def reference_features(events: list[Event], event: Event, delay: int) -> dict[str, float]:
    """All features of one event of the stream."""
    return {name: float(_feature(name, events, event, delay)) for name in ALL_NAMES}


def _before_or_same(other: Event, event: Event) -> bool:
    return (other.time, other.id) <= (event.time, event.id)


def _window(events, event, length, entity):
    """Events of the entity in (t - length, t], ties of time broken by id."""
    return sorted(
        (
            other
            for other in events
            if all(getattr(other, name) == getattr(event, name) for name in entity)
            and event.time - length < other.time
            and _before_or_same(other, event)
        ),
        key=lambda other: (other.time, other.id),
    )


def _earlier(events, event, length, entity):
    return [other for other in _window(events, event, length, entity) if other is not event]


def _labelled(events, event, length, entity, delay):
    """Events whose known label is old enough: time in (t - delay - length, t - delay]."""
    return sorted(
        (
            other
            for other in events
            if all(getattr(other, name) == getattr(event, name) for name in entity)
            and event.time - delay - length < other.time <= event.time - delay
            and other.is_fraud is not None
        ),
        key=lambda other: (other.time, other.id),
    )


def _is_unusual(events, event):
    amounts = [other.amount for other in _earlier(events, event, MONTH, ["customer"])]
    return len(amounts) >= 3 and event.amount > 3 * sum(amounts) / len(amounts)


def _is_new(events, event):
    return not _earlier(events, event, MONTH, ["customer", "terminal"])


def _mean(values):
    return sum(values) / Fraction(len(values))


def _to(event, values, typical):
    level = typical(values) if values else 0
    return event.amount / level if level > 0 else 1


def _p90(values):
    return next(v for v in sorted(values) if 10 * sum(u <= v for u in values) >= 9 * len(values))


def _streak(known):
    frauds = 0
    for other in known:
        frauds = frauds + 1 if other.is_fraud else 0
    return frauds


def _zscore(event, values):
    if len(values) < 2:
        return 0
    mean = _mean(values)
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    deviation = max(math.sqrt(variance), abs(mean) / 10)
    return (event.amount - mean) / deviation if deviation > 0 else 0


def _distance(a, b):
    if a is None or b is None or a.keys() != b.keys():
        return -1
    if "x" in a:
        return math.dist(a.values(), b.values())
    # The haversine formula; the product rounds to whole millimetres.
    (from_lat, from_long), (to_lat, to_long) = (map(math.radians, p.values()) for p in (a, b))
    across = math.cos(from_lat) * math.cos(to_lat) * math.sin((to_long - from_long) / 2) ** 2
    half = math.asin(math.sqrt(min(1, math.sin((to_lat - from_lat) / 2) ** 2 + across)))
    return round(2 * 6371.0088 * half, 6)


def _age(event, other, default):
    return Fraction(event.time - other.time, SECOND) if other else default


def _feature(name, events, event, delay):
    when = datetime.fromtimestamp(event.time // SECOND, UTC)
    match = re.fullmatch(r"(\w+?)_(\d+)([mhd])", name)
    kind, length = (match[1], int(match[2]) * UNITS[match[3]]) if match else (name, 0)
    who = ["terminal"] if name.startswith("terminal") else ["customer"]
    window = _window(events, event, length, who)
    earlier = _earlier(events, event, length, who)
    amounts = [other.amount for other in window]
    earlier_amounts = [other.amount for other in earlier]
    previous = earlier[-1] if earlier else None
    known = _labelled(events, event, length, who, delay)
    frauds = [other for other in known if other.is_fraud == 1]
    gap = _distance(previous.place, event.place) if previous else -1
    turn = 2 * math.pi * (when.hour * 60 + when.minute) / 1440
    return {
        "amount": lambda: event.amount,
        "hour_sin": lambda: math.sin(turn),
        "hour_cos": lambda: math.cos(turn),
        "is_night": lambda: when.hour <= 6,
        "is_weekend": lambda: when.weekday() >= 5,
        "distance_from_home_km": lambda: _distance(event.home, event.place),
        "customer_count": lambda: len(window),
        "customer_amount_sum": lambda: sum(amounts),
        "customer_amount_mean": lambda: _mean(amounts),
        "customer_amount_to_mean": lambda: _to(event, earlier_amounts, _mean),
        "customer_amount_to_median": lambda: _to(event, earlier_amounts, median_low),
        "customer_amount_to_p90": lambda: _to(event, earlier_amounts, _p90),
        "customer_amount_to_max": lambda: _to(event, earlier_amounts, max),
        "customer_amount_zscore": lambda: _zscore(event, earlier_amounts),
        "customer_unusual_amount": lambda: _is_unusual(events, event),
        "customer_unusual_count": lambda: sum(_is_unusual(events, other) for other in window),
        "customer_fraud_count": lambda: len(frauds),
        "customer_seconds_since_fraud": lambda: _age(event, frauds and frauds[-1], NEVER),
        "customer_seconds_since_previous": lambda: _age(event, previous, length // SECOND),
        "customer_distance_from_previous_km": lambda: gap,
        "customer_speed_from_previous_kmh": lambda: (
            gap if gap == -1 else gap * 3600 / max(1, _age(event, previous, None))
        ),
        "customer_distinct_terminals": lambda: len({other.terminal for other in window}),
        "customer_terminal_count": lambda: len(
            _window(events, event, length, ["customer", "terminal"])
        ),
        "customer_new_terminal": lambda: _is_new(events, event),
        "terminal_count": lambda: len(window),
        "terminal_known_count": lambda: len(known),
        "terminal_fraud_count": lambda: len(frauds),
        "terminal_risk": lambda: Fraction(len(frauds), len(known)) if known else 0,
        "terminal_smoothed_risk": lambda: (len(frauds) + 0.005 * 10) / (len(known) + 10),
        "terminal_usual_fraud_count": lambda: sum(not _is_unusual(events, o) for o in frauds),
        "terminal_last_label": lambda: known[-1].is_fraud if known else 0,
        "terminal_fraud_streak": lambda: _streak(known),
        "terminal_risk_since_first_fraud": lambda: (
            Fraction(len(frauds), len(known) - known.index(frauds[0])) if frauds else 0
        ),
        "terminal_seconds_since_first_fraud": lambda: _age(event, frauds and frauds[0], NEVER),
        "terminal_seconds_since_last_fraud": lambda: _age(event, frauds and frauds[-1], NEVER),
        "terminal_amount_to_mean": lambda: _to(event, earlier_amounts, _mean),
        "terminal_unusual_share": lambda: _mean([_is_unusual(events, other) for other in window]),
        "terminal_new_customer_share": lambda: _mean([_is_new(events, o) for o in window]),
        "terminal_distinct_customers": lambda: len({other.customer for other in window}),
    }[kind]()


ALL_NAMES = (
    *("amount", "hour_sin", "hour_cos", "is_night", "is_weekend", "distance_from_home_km"),
    *(
        f"customer_{kind}_{span}"
        for kind in ("count", "amount_sum", "amount_mean")
        for span in ("15m", "1h", "1d", "7d", "30d")
    ),
    *(
        f"customer_amount_{kind}_30d"
        for kind in ("to_mean", "to_median", "to_p90", "to_max", "zscore")
    ),
    "customer_unusual_amount",
    *(f"customer_unusual_count_{span}" for span in ("1d", "7d", "14d")),
    *(f"customer_fraud_count_{span}" for span in ("7d", "30d")),
    "customer_seconds_since_fraud_30d",
    *(f"customer_{kind}_30d" for kind in ("distance_from_previous_km", "speed_from_previous_kmh")),
    "customer_seconds_since_previous_30d",
    *(f"customer_distinct_terminals_{span}" for span in ("1d", "7d", "30d")),
    "customer_terminal_count_30d",
    "customer_new_terminal",
    *(f"terminal_count_{span}" for span in ("1h", "1d", "7d", "30d")),
    *(
        f"terminal_{kind}_{span}"
        for kind in ("known_count", "fraud_count", "risk", "smoothed_risk")
        for span in ("1d", "7d", "30d")
    ),
    *(f"terminal_usual_fraud_count_{span}" for span in ("1d", "7d")),
    *("terminal_last_label_30d", "terminal_fraud_streak_30d"),
    "terminal_risk_since_first_fraud_30d",
    *(f"terminal_seconds_since_{which}_fraud_30d" for which in ("first", "last")),
    *(
        f"terminal_{kind}_{span}"
        for kind in ("amount_to_mean", "unusual_share", "new_customer_share", "distinct_customers")
        for span in ("1d", "7d")
    ),
)
