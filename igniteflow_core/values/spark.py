"""The rules of values for Spark columns of text; ``python`` implements them for Python values.

``text`` returns the trimmed text of a column, and the other functions need it as a separate
column: an expression that contains the same text many times is compiled many times, and Java
rejects methods of more than 64 KB.
"""

import re
from datetime import UTC, datetime

from pyspark.sql import Column
from pyspark.sql import functions as F

from igniteflow_core.values.form import (
    PLAIN,
    UNIT_LENGTHS,
    CountedTime,
    ValueForm,
    WrittenTime,
)
from igniteflow_core.values.rules import (
    COUNT_SINCE_1970,
    EARLIEST_TIME,
    LABELS,
    LATEST_TIME,
    LONGEST_ID,
    MICROSECOND,
    NULL_MARKERS,
    NUMBER,
    REFUSED_IN_ID,
    WHITE_SPACE,
    WRITTEN_TIME,
    Clock,
)

_MONTHS = 12_000
"""A larger number of months from any origin is not a time."""

_GROUPS = 8
"""Groups of WRITTEN_TIME: year, month, day, hour, minute, second, fraction, zone."""

_BETWEEN_PARTS = ","
_PARTS = _BETWEEN_PARTS.join(f"${group}" for group in range(1, _GROUPS + 1))


def text(column: str | Column, form: ValueForm = PLAIN) -> Column:
    """The trimmed text; null if it is missing."""
    trimmed = F.trim(column, F.lit(WHITE_SPACE))
    markers = NULL_MARKERS | form.null_markers
    # Index 1 of an array of one element is null. With a condition, Spark would push the functions
    # of the text into its branches, and no longer share the common subexpression.
    return F.get(F.array(trimmed), F.lower(trimmed).isin(*sorted(markers)).cast("int"))


def invalid_id(trimmed: Column) -> Column:
    """True if the text is present but not a valid id."""
    refused = (F.char_length(trimmed) > LONGEST_ID) | trimmed.rlike(REFUSED_IN_ID)
    return F.coalesce(refused, F.lit(False))


def number(trimmed: Column, form: ValueForm = PLAIN) -> Column:
    """The text as a finite double; null if it is not one. The format is never guessed."""
    plain = _plain_number(trimmed, form)
    value = F.when(plain.rlike(NUMBER), plain.try_cast("double"))
    # Adding 0 turns negative zero into zero.
    return F.when(F.abs(value) < F.lit(float("inf")), value + F.lit(0.0))


def _plain_number(trimmed: Column, form: ValueForm) -> Column:
    """The number with ``.`` as decimal separator and without thousands separators."""
    if form.thousands:
        # In groups of another length the separator may be a decimal separator.
        thousands, decimal = re.escape(form.thousands), re.escape(form.decimal)
        grouped = f"^[+-]?[0-9]{{1,3}}({thousands}[0-9]{{3}})+({decimal}[0-9]*)?$"
        without = F.replace(trimmed, F.lit(form.thousands), F.lit(""))
        trimmed = F.when(trimmed.rlike(grouped), without).otherwise(trimmed)
    if form.decimal == ".":
        return trimmed
    # A dot is not allowed in such a number.
    return F.when(~trimmed.contains("."), F.replace(trimmed, F.lit(form.decimal), F.lit(".")))


def boolean(trimmed: Column) -> Column:
    """The text as a boolean; null if it is not one. ``yes``, ``y``, ``t`` and ``1`` are true."""
    return trimmed.try_cast("boolean")


def label(trimmed: Column, form: ValueForm = PLAIN) -> Column:
    """0 or 1; null if the text is neither."""
    known = {**LABELS, **form.labels}
    labels = F.create_map(*(F.lit(part) for pair in known.items() for part in pair))
    return labels[F.lower(trimmed)].cast("int")


def utc_time(trimmed: Column, time_zone: str, form: ValueForm = PLAIN) -> Column:
    """The text as a time in UTC; null if invalid. ``time_zone`` applies to times without a zone."""
    match form.time:
        case None:
            time = _plain_time(trimmed, time_zone)
        case WrittenTime() as written:
            time = _written_time(trimmed, time_zone, written)
        case CountedTime(unit="months", origin=origin):
            months = number(trimmed, form)
            whole = (months == F.floor(months)) & (F.abs(months) < _MONTHS)
            first = F.add_months(F.lit(origin.date()), F.when(whole, months))
            time = _local(F.concat(first.cast("string"), F.lit(f" {origin:%H:%M:%S}")), time_zone)
        case CountedTime() as counted:
            time = _counted_time(number(trimmed, form), time_zone, counted)
    return F.when((time >= _instant(EARLIEST_TIME)) & (time < _instant(LATEST_TIME)), time)


def _written_time(trimmed: Column, time_zone: str, form: WrittenTime) -> Column:
    parsed = F.try_to_timestamp(trimmed, F.lit(form.pattern))
    return parsed if form.states_zone else _local(parsed.cast("string"), time_zone)


def _counted_time(units: Column, time_zone: str, form: CountedTime) -> Column:
    micros = F.round(units * float(UNIT_LENGTHS[form.unit] // MICROSECOND)).try_cast("bigint")
    start = (form.origin.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND
    local = F.timestamp_micros(F.try_add(micros, F.lit(start)))
    # Programs with such counts count local days of 24 hours, even when clocks change.
    return _local(local.cast("string"), time_zone)


def _local(text: Column, time_zone: str) -> Column:
    """The text of a local time as a time in the zone."""
    return F.concat(text, F.lit(f" {time_zone}")).try_cast("timestamp")


def _plain_time(trimmed: Column, time_zone: str) -> Column:
    # The digits are truncated or padded to microseconds, 6 digits after those of the seconds.
    digits = F.when(F.length(trimmed) == 9, F.rpad(trimmed, 15, "0")).otherwise(
        F.rpad(F.substring(trimmed, 1, 16), 16, "0")
    )
    counted = F.timestamp_micros(digits.try_cast("bigint"))

    # One match yields all parts. The condition refers to them so that Spark computes them once.
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
    return F.coalesce(
        F.when(is_written, written.try_cast("timestamp")),
        F.when(trimmed.rlike(COUNT_SINCE_1970), counted),
    )


def implausible(time: Column, clock: Clock, name: str = "event_time") -> dict[str, Column]:
    """The reasons why a time is not plausible, by the name of its column."""
    return {
        f"{name}_too_early": time < _instant(clock.earliest),
        f"{name}_in_the_future": time > _instant(clock.latest),
    }


def local_day(time: Column, time_zone: str) -> Column:
    """The local day of a time in the zone."""
    return F.to_date(F.from_utc_timestamp(time, time_zone))


def _instant(micros: int) -> Column:
    return F.timestamp_micros(F.lit(micros))
