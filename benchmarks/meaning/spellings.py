"""Text representations of the values of a transaction."""

import random
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from benchmarks.meaning.truth import EPOCH, MICROSECOND, Truth

NULLS = ("", "NULL", "null", "N/A", "\\N", "nan", "None", " ", "\u00a0")
_PADS = ("", "", "", " ", "\t", "\u00a0", "  ")
_LABELS = {0: ("0", "0.0", "false", "False"), 1: ("1", "1.0", "true", "TRUE")}


def spelled(row: Truth, zone: ZoneInfo, rng: random.Random) -> dict[str, str]:
    """Return the row as text, with a random representation of each value."""
    return {
        "transaction_id": padded(row.transaction_id, rng),
        "event_time": padded(spelled_time(row.time, zone, rng), rng),
        "customer_id": padded(row.customer_id, rng),
        "terminal_id": padded(row.terminal_id, rng),
        "amount": padded(spelled_amount(row.cents, rng), rng),
        "is_fraud": rng.choice(NULLS if row.is_fraud is None else _LABELS[row.is_fraud]),
    }


def padded(text: str, rng: random.Random) -> str:
    """Add insignificant white space to the text."""
    return rng.choice(_PADS) + text + rng.choice(_PADS)


def spelled_time(micros: int, zone: ZoneInfo, rng: random.Random) -> str:
    """Return a lossless representation of the time, without a zone only if it is unambiguous."""
    moment = EPOCH + micros * MICROSECOND
    spellings = [
        _written(moment, UTC, rng)
        + rng.choice(("Z", "z", " UTC", "+00", "+0000", "+00:00", " GMT")),
        _written(moment, timezone(timedelta(hours=-7)), rng)
        + rng.choice(("-07:00", "-0700", "-07")),
        _written(moment, timezone(timedelta(hours=5, minutes=30)), rng) + "+05:30",
        str(micros),
        str(micros * 1_000 + rng.randrange(1_000)),
    ]
    if micros % 1_000 == 0:
        spellings.append(str(micros // 1_000))
    if micros % 1_000_000 == 0:
        spellings.append(str(micros // 1_000_000))
    local = moment.astimezone(zone)
    if has_one_meaning(local, zone):
        spellings += [_written(moment, zone, rng), _written(moment, zone, rng)]
        spellings.append(
            f"{_written(moment, zone, rng)} {zone.key}" if "/" in zone.key else spellings[0]
        )
    return rng.choice(spellings)


def has_one_meaning(local: datetime, zone: ZoneInfo) -> bool:
    """Return whether the local time occurs only once in the zone."""
    naive = local.replace(tzinfo=None)
    offsets = {naive.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
    return len(offsets) == 1


def spelled_amount(cents: int, rng: random.Random) -> str:
    """Return a representation of the amount as a decimal number."""
    plain = f"{cents // 100}.{cents % 100:02}"
    spellings = [plain, f"+{plain}", f"{plain}0", f"{cents}e-2", f"{cents / 100:.10g}"]
    if cents % 100 == 0:
        spellings += [str(cents // 100), f"{cents // 100}."]
    return rng.choice(spellings)


def _written(moment: datetime, zone: tzinfo, rng: random.Random) -> str:
    local = moment.astimezone(zone)
    text = local.strftime(rng.choice(("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")))
    if local.microsecond == 0 and rng.random() < 0.5:
        return text
    fraction = f"{local.microsecond:06}"
    return f"{text}.{rng.choice((fraction, fraction + '000', fraction.rstrip('0') or '0'))}"
