"""The written delivery: the same bytes for the same seed, whole files, counted bad rows."""

import tracemalloc
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from igniteflow_core.simulation.dataset import SimulatedDataset, write_dataset
from igniteflow_core.simulation.settings import SimulationSettings

SMALL = SimulationSettings(
    days=12, customers=300, terminals=400, users=150, items=80, ratings=2_000, bad_row_share=0.01
)


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> tuple[Path, SimulatedDataset]:
    root = tmp_path_factory.mktemp("delivery")
    return root, write_dataset(root, SMALL)


@pytest.fixture(scope="module")
def delivered(written) -> pd.DataFrame:
    files = sorted((written[0] / "transactions").iterdir())
    return pd.concat(
        [pd.read_parquet(path).assign(day=pd.Timestamp(path.stem, tz="UTC")) for path in files],
        ignore_index=True,
    )


def test_every_file_is_there_and_nothing_else(written):
    days = {f"transactions/{day.isoformat()}.parquet" for day in SMALL.dates}
    tables = {
        "customers", "terminals", "ratings", "users", "items", "exposures", "outcomes"
    }  # fmt: skip
    assert set(contents(written[0])) == days | {f"{table}.parquet" for table in tables}


def test_the_same_settings_write_the_same_bytes_anew_and_over_the_old(written, tmp_path):
    root, counts = written
    assert write_dataset(tmp_path, SMALL) == counts
    assert contents(tmp_path) == contents(root)
    write_dataset(tmp_path, SMALL)
    assert contents(tmp_path) == contents(root)


def test_another_seed_changes_every_file(written, tmp_path):
    write_dataset(tmp_path, SMALL.model_copy(update={"seed": 8}))
    ours, others = contents(written[0]), contents(tmp_path)
    assert ours.keys() == others.keys()
    assert all(ours[name] != others[name] for name in ours)


def test_a_day_written_alone_is_the_file_of_the_full_run(written, tmp_path):
    day = date(2025, 1, 9)
    write_dataset(tmp_path, SMALL.model_copy(update={"start_date": day, "days": 1}))
    name = f"transactions/{day.isoformat()}.parquet"
    assert contents(tmp_path)[name] == contents(written[0])[name]


def test_files_carry_the_types_of_a_source(written):
    root, _ = written
    time = pa.timestamp("us", tz="UTC")
    transactions = pq.read_schema(root / "transactions" / "2025-01-01.parquet")
    assert dict(zip(transactions.names, transactions.types, strict=True)) == {
        "transaction_id": pa.string(),
        "event_time": time,
        "customer_id": pa.string(),
        "terminal_id": pa.string(),
        "amount": pa.float64(),
        "is_fraud": pa.int32(),
    }
    assert pq.read_schema(root / "ratings.parquet").types == [
        pa.string(),
        pa.string(),
        pa.float64(),
        time,
    ]
    categories = pq.read_schema(root / "items.parquet").field("categories").type
    assert pa.types.is_list(categories)
    assert categories.value_type == pa.string()


def test_counts_are_the_rows_in_the_files(written, delivered):
    root, counts = written
    assert counts.transactions + counts.bad_rows == len(delivered)
    for table in ("customers", "terminals", "ratings", "users", "items"):
        rows = pq.read_metadata(root / f"{table}.parquet").num_rows
        assert rows == getattr(counts, table)


def test_ratings_and_transactions_refer_to_what_is_delivered(written, delivered):
    root, _ = written
    ratings = pd.read_parquet(root / "ratings.parquet")
    for rows, column, table in (
        (delivered, "customer_id", "customers"),
        (delivered, "terminal_id", "terminals"),
        (ratings, "user_id", "users"),
        (ratings, "item_id", "items"),
    ):
        known = pd.read_parquet(root / f"{table}.parquet")[column]
        assert known.is_unique
        assert rows[column].dropna().isin(known).all()


def test_each_bad_row_breaks_one_rule_and_all_are_counted(written, delivered):
    _, counts = written
    broken = pd.DataFrame(
        {
            "negative_amount": delivered["amount"] <= 0,
            "missing_customer": delivered["customer_id"].isna(),
            "missing_time": delivered["event_time"].isna(),
            "duplicate_id": delivered["transaction_id"].duplicated(),
            "time_of_another_day": delivered["event_time"].notna()
            & (delivered["event_time"].dt.normalize() != delivered["day"]),
        }
    )
    assert (broken.sum(axis=1) <= 1).all()
    assert broken.to_numpy().sum() == counts.bad_rows
    assert (broken.sum() > 0).all()
    assert counts.bad_rows == pytest.approx(0.01 * counts.transactions, abs=len(SMALL.dates))
    good = delivered[~broken.any(axis=1)]
    assert len(good) == counts.transactions
    assert good["is_fraud"].sum() == counts.frauds


def test_an_id_that_comes_twice_is_the_same_row_of_the_same_day(delivered):
    repeated = delivered[delivered["transaction_id"].duplicated(keep=False)]
    assert len(repeated) > 0
    assert len(repeated.drop_duplicates()) * 2 == len(repeated)


def test_no_bad_rows_where_none_are_asked_for(tmp_path):
    settings = SMALL.model_copy(update={"days": 3, "bad_row_share": 0.0})
    assert write_dataset(tmp_path, settings).bad_rows == 0


@pytest.mark.filterwarnings("error")
def test_the_smallest_sizes_work(tmp_path):
    one = dict.fromkeys(("customers", "terminals", "users", "items", "ratings"), 1)
    counts = write_dataset(tmp_path, SimulationSettings(days=30, **one))
    assert (counts.ratings, counts.items, counts.users) == (1, 1, 1)
    assert 0 < counts.transactions < 200


def test_memory_does_not_grow_with_the_number_of_days(tmp_path):
    def peak_bytes(days: int) -> int:
        settings = SMALL.model_copy(update={"days": days, "customers": 800})
        tracemalloc.start()
        write_dataset(tmp_path / str(days), settings)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    peak_bytes(1)
    assert peak_bytes(20) < 1.1 * peak_bytes(5)


def test_progress_counts_the_files_of_each_table(tmp_path):
    told: list[tuple[str, int, int]] = []
    settings = SMALL.model_copy(update={"days": 3})
    write_dataset(tmp_path, settings, lambda *step: told.append(step))
    assert [step for step in told if step[0] == "transactions"] == [
        ("transactions", n, 3) for n in (1, 2, 3)
    ]
    assert sorted(told[:5]) == [
        (table, 1, 1) for table in ("customers", "items", "ratings", "terminals", "users")
    ]


def test_a_file_that_cannot_be_finished_leaves_the_old_one_and_no_rest(tmp_path, monkeypatch):
    settings = SMALL.model_copy(update={"days": 1})
    write_dataset(tmp_path, settings)
    before = contents(tmp_path)

    def disk_full(table: pa.Table, path: Path) -> None:
        path.write_bytes(b"half a file")
        raise OSError("No space left on device")

    monkeypatch.setattr(pq, "write_table", disk_full)
    with pytest.raises(OSError, match="No space left"):
        write_dataset(tmp_path, settings.model_copy(update={"seed": 8}))
    assert contents(tmp_path) == before


def test_settings_refuse_unknown_names_and_impossible_sizes():
    for wrong in ({"custmers": 5}, {"days": 0}, {"seed": -1}, {"bad_row_share": 0.7}):
        with pytest.raises(ValidationError):
            SimulationSettings(**wrong)
