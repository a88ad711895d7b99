"""Random event streams that dwell on what is hard: ties, edges of windows, unknown labels."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from igniteflow_core.features.compute import day_number
from igniteflow_core.features.positions import GIVEN

from .reference import DAY, SECOND, Event, degrees, plane

FIRST_DAY, LAST_DAY = date(2024, 3, 1), date(2024, 3, 3)
NOON = day_number(FIRST_DAY) * DAY + DAY // 2

_AGES = (
    *(0, SECOND // 2, SECOND, 900 * SECOND, 3600 * SECOND),
    *(days * DAY for days in (1, 2, 3, 7, 8, 9, 14, 28, 30, 31, 32, 37, 44)),
)
_HOMES = {"c1": plane(0.0, 0.0), "c2": degrees(48.137, 11.575), "c3": None}
_PLACES = {"t1": plane(1.5, 2.0), "t2": degrees(-33.87, 151.21), "t3": None}

_TIMES = st.builds(
    lambda age, days, nudge: NOON + days * DAY - age + nudge,
    st.sampled_from(_AGES),
    st.integers(0, 2),
    st.sampled_from((-1, 0, 0, 0, 1)),
)


@st.composite
def event_streams(draw: st.DrawFn) -> list[Event]:
    """2 to 24 events in order of arrival, which is not the order of time."""
    rows = draw(
        st.lists(
            st.tuples(
                _TIMES,
                st.sampled_from(("c1", "c1", "c2", "c3")),
                st.sampled_from(("t1", "t1", "t2", "t3")),
                st.sampled_from((0, 1, 100, 1999, 2000, 6000, 6001, 123_456)),
                st.sampled_from((None, 0, 1)),
            ),
            min_size=2,
            max_size=24,
        )
    )
    ids = draw(st.permutations(range(len(rows))))
    return [
        Event(
            f"x{number}",
            time,
            customer,
            terminal,
            cents,
            label,
            _HOMES[customer],
            _PLACES[terminal],
        )
        for number, (time, customer, terminal, cents, label) in zip(ids, rows, strict=True)
    ]


@st.composite
def streams_with_positions(draw: st.DrawFn) -> list[Event]:
    """Events of which each says itself where its card holder and its terminal are, if at all."""
    somewhere = st.one_of(
        st.none(),
        st.builds(degrees, st.floats(-90, 90), st.floats(-180, 180)),
        st.builds(plane, st.floats(0, 1e4), st.floats(0, 1e4)),
    )
    return [
        replace(event, home=draw(somewhere), place=draw(somewhere))
        for event in draw(event_streams())
    ]


def event_table(events: list[Event]) -> pa.Table:
    """The events as the pure functions take them."""

    def positions(name: str, axis: str) -> pa.Array:
        given = [getattr(event, name) or {} for event in events]
        return pa.array([position.get(axis) for position in given], pa.float64())

    times = pa.array(np.array([event.time for event in events]), pa.int64())
    return pa.table(
        {
            "transaction_id": pa.array([event.id for event in events], pa.string()),
            "event_time": times.cast(pa.timestamp("us", tz="UTC")),
            "customer_id": pa.array([event.customer for event in events], pa.string()),
            "terminal_id": pa.array([event.terminal for event in events], pa.string()),
            "amount": pa.array([event.cents / 100 for event in events], pa.float64()),
            "is_fraud": pa.array([event.is_fraud for event in events], pa.int32()),
            **{f"customer_{axis}": positions("home", axis) for axis in GIVEN},
            **{f"terminal_{axis}": positions("place", axis) for axis in GIVEN},
        }
    )
