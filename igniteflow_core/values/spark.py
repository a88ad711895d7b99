"""The rules of values for Spark columns of text; ``python`` holds the same for Python values."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from igniteflow_core.values.rules import (
    COUNT_SINCE_1970,
    EARLIEST_TIME,
    LABELS,
    LATEST_TIME,
    LONGEST_ID,
    NULL_MARKERS,
    NUMBER,
    REFUSED_IN_ID,
    WHITE_SPACE,
    WRITTEN_TIME,
    Clock,
)

_GROUPS = 8
"""Of WRITTEN_TIME: year, month, day, hour, minute, second, fraction, zone."""

_BETWEEN_PARTS = ","
_PARTS = _BETWEEN_PARTS.join(f"${group}" for group in range(1, _GROUPS + 1))


def text(column: str) -> Column:
    """The trimmed text, null where it is missing."""
    trimmed = F.trim(F.col(column), F.lit(WHITE_SPACE))
    # Place 1 of one element is null. Spark would move what is computed from a condition into its
    # branches, and no longer see that all of it is computed from the same text.
    return F.get(F.array(trimmed), F.lower(trimmed).isin(*NULL_MARKERS).cast("int"))


def missing(column: str) -> Column:
    """True where the text is null, blank or a marker of null."""
    return text(column).isNull()


def invalid_id(column: str) -> Column:
    """True where the text is there but may be no id."""
    trimmed = text(column)
    refused = (F.char_length(trimmed) > LONGEST_ID) | trimmed.rlike(REFUSED_IN_ID)
    return F.coalesce(refused, F.lit(False))


def number(column: str) -> Column:
    """The text as a finite double, null if it is none; a decimal comma is not guessed."""
    trimmed = text(column)
    value = F.when(trimmed.rlike(NUMBER), trimmed.try_cast("double"))
    # Adding 0 makes the negative zero the ordinary one.
    return F.when(F.abs(value) < F.lit(float("inf")), value + F.lit(0.0))


def boolean(column: str) -> Column:
    """The text as a boolean, null where it is neither; ``yes``, ``y``, ``t`` and ``1`` are true."""
    return text(column).try_cast("boolean")


def label(column: str) -> Column:
    """0 or 1; null if the text is neither."""
    labels = F.create_map(*(F.lit(part) for pair in LABELS.items() for part in pair))
    return labels[F.lower(text(column))].cast("int")


def utc_time(column: str, time_zone: str) -> Column:
    """The text as a time in UTC, null if it is none; ``time_zone`` counts where it states none."""
    trimmed = text(column)
    # Cut or filled up to microseconds, 6 digits behind those of the seconds.
    digits = F.when(F.length(trimmed) == 9, F.rpad(trimmed, 15, "0")).otherwise(
        F.rpad(F.substring(trimmed, 1, 16), 16, "0")
    )
    counted = F.timestamp_micros(digits.try_cast("bigint"))

    # One match for all parts. That the condition names them has Spark compute them once.
    parts = F.split(F.regexp_replace(trimmed, WRITTEN_TIME, _PARTS), _BETWEEN_PARTS)
    is_written = (F.size(parts) == _GROUPS) & trimmed.rlike(WRITTEN_TIME)

    def part(group: int) -> Column:
        return F.get(parts, F.lit(group - 1))

    def two_digits(group: int) -> Column:
        return F.lpad(part(group), 2, "0")

    local = F.concat(
        *(part(1), F.lit("-"), two_digits(2), F.lit("-"), two_digits(3)),
        *(F.lit(" "), two_digits(4), F.lit(":"), two_digits(5), F.lit(":"), two_digits(6)),
        *(F.lit("."), F.rpad(F.substring(part(7), 1, 6), 6, "0")),
    )
    zone = F.when(part(8) == "", F.lit(time_zone)).otherwise(F.upper(part(8)))
    named = part(8).contains("/")
    written = F.concat(local, F.lit(" "), F.when(named, part(8)).otherwise(zone))
    time = F.coalesce(
        F.when(is_written, written.try_cast("timestamp")),
        F.when(trimmed.rlike(COUNT_SINCE_1970), counted),
    )
    return F.when((time >= _instant(EARLIEST_TIME)) & (time < _instant(LATEST_TIME)), time)


def implausible(time: Column, clock: Clock) -> dict[str, Column]:
    """The reasons why a time can be none of an event, and the conditions under which it cannot."""
    return {
        "event_time_too_early": time < _instant(clock.earliest),
        "event_time_in_the_future": time > _instant(clock.latest),
    }


def local_day(time: Column, time_zone: str) -> Column:
    """The day that it is at a time in the zone."""
    return F.to_date(F.from_utc_timestamp(time, time_zone))


def _instant(micros: int) -> Column:
    return F.timestamp_micros(F.lit(micros))
