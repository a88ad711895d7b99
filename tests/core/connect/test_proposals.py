"""Files as teams have them, and the settings that are proposed for each."""

import bz2
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.connect.profile import profile_page
from igniteflow_core.connect.proposal import Proposal, Question, proposal_for, settings_file
from igniteflow_core.connect.sample import read_sample
from igniteflow_core.connect.trial import try_source
from igniteflow_core.errors import (
    SourceNotDeliveredError,
    SourceSchemaError,
    UnreadableSourceError,
)

ROWS = 40


def lines(header: str, row, separator: str = "\n") -> str:
    return separator.join(
        [header, *(row(number) for number in range(ROWS))] if header else map(row, range(ROWS))
    )


def two_digits(number: int) -> str:
    return f"{number % 24:02}"


SPARKOV = lines(
    "trans_date_trans_time,cc_num,merchant,category,amt,lat,long,trans_num,merch_lat,merch_long,"
    "is_fraud",
    lambda n: (
        f'2024-01-01 {two_digits(n)}:01:00,40000{n % 3},"fraud_Robel, {n % 4}",gas,{n}.13,'
        f"32.8,-96.9,754b16e87cd63cd43e9d4e13d7b87c4c{n},32.6,-97.1,{int(n == 7)}"
    ),
).encode()
MOBILE_MONEY = lines(
    "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,isFraud,isFlaggedFraud",
    lambda n: (
        f"{n // 2},PAYMENT,{n}9839.64,C12310{n % 5},170136.0,160296.36,M19797{n % 7},"
        f"{int(n == 3)},0"
    ),
).encode()
BANK = lines(
    "Buchung;Karte;Händler;Betrag;Betrug",
    lambda n: (
        f"{n % 28 + 1:02}.12.2025 {two_digits(n)}:59;47{n % 3};Café Müller {n % 5};"
        f"1.{n + 100},50;{'Ja' if n == 3 else 'Nein'}"
    ),
    "\r\n",
).encode("cp1252")
MOVIELENS_OLD = lines("", lambda n: f"{196 + n}\t{242 + n}\t{n % 5 + 1}\t{881250949 + n}").encode()
MOVIELENS = lines(
    "userId,movieId,rating,timestamp", lambda n: f"{n},{n + 7},{n % 9 / 2 + 0.5},{964982703 + n}"
).encode()
BOOKS = lines(
    '"User-ID";"ISBN";"Book-Rating"', lambda n: f'"27672{n}";"034545104{n % 9}X";"{n % 11}"'
).encode("latin-1")
SHOP_EVENTS = lines(
    "timestamp,visitorid,event,itemid,transactionid",
    lambda n: f"{1433221332117 + n},{257597 + n},view,{355908 + n},",
).encode()
REVIEWS = "\n".join(
    json.dumps(
        {
            "rating": float(n % 5 + 1),
            "title": "Such a lovely scent",
            "asin": f"B00YQ6X8E{n}",
            "user_id": f"AGKHLEW2SOWHNMFQIJGBECAF7INQ{n}",
            "timestamp": 1588687728923 + n,
        }
    )
    for n in range(ROWS)
).encode()
ITEMS = lines(
    "movieId,title,genres", lambda n: f'{n},"Toy Story, part {n} (1995)",Adventure|Children'
).encode()


def proposed(folder: Path, name: str, content: bytes, table: str | None = None) -> Proposal:
    path = folder / name
    path.write_bytes(content)
    return proposal_for(read_sample(path), table)


def test_half_of_a_position_goes_with_the_other_half(tmp_path):
    proposal = proposed(tmp_path, "data", SPARKOV).without_own({"lat": "2 values are none"})
    assert list(proposal.own_types) == ["merch_lat", "merch_long"]
    assert proposal.left_out["long"] == "the other half of the position is left out"


def test_a_source_with_one_entity_has_it_in_the_place_of_both(tmp_path):
    table = lines("date,merchant,amount,fraud", lambda n: f"2025-01-06,M{n % 3},{n}.5,{n % 2}")
    proposal = proposed(tmp_path, "sales.csv", table.encode())
    assert proposal.table == "transactions"
    assert proposal.source["columns"]["customer_id"] == "merchant"
    assert proposal.source["columns"]["terminal_id"] == "merchant"


def test_rows_before_the_header_and_columns_of_one_name_are_seen(tmp_path):
    table = lines(
        "id;date;card;shop;amount; amount ",
        lambda n: f"{n};2025-01-06 10:{n:02}:00;C{n % 3};S{n % 4};{n}.50;EUR",
    )
    proposal = proposed(tmp_path, "export.csv", f"Payments of\nJanuary;2025\n{table}".encode())
    assert proposal.source["skip_rows"] == 2
    assert proposal.mapped["amount"] == "amount (1)"


@pytest.mark.parametrize(
    ("content", "table", "columns", "settings"),
    [
        (
            SPARKOV,
            "transactions",
            {
                "transaction_id": "trans_num", "event_time": "trans_date_trans_time",
                "customer_id": "cc_num", "terminal_id": "merchant", "amount": "amt",
                "is_fraud": "is_fraud", "lat": "lat", "long": "long", "merch_lat": "merch_lat",
                "merch_long": "merch_long",
            },
            {"format": "csv"},
        ),
        (
            MOBILE_MONEY,
            "transactions",
            {
                "event_time": "step", "customer_id": "nameOrig", "terminal_id": "nameDest",
                "amount": "amount", "is_fraud": "isFraud",
            },
            {
                "derive_ids": True,
                "times": {"unit": "hours", "origin": "2025-01-01T00:00:00"},
            },
        ),
        (
            BANK,
            "transactions",
            {
                "event_time": "Buchung", "customer_id": "Karte", "terminal_id": "Händler",
                "amount": "Betrag", "is_fraud": "Betrug",
            },
            {
                "separator": ";", "encoding": "cp1252", "decimal": ",", "thousands": ".",
                "times": {"pattern": "d.M.yyyy H:mm"}, "derive_ids": True,
                "labels": {"Ja": 1, "Nein": 0},
            },
        ),
        (
            MOVIELENS,
            "ratings",
            {
                "user_id": "userId", "item_id": "movieId", "rating": "rating",
                "event_time": "timestamp",
            },
            {"format": "csv"},
        ),
        (
            BOOKS,
            "ratings",
            {"user_id": "User-ID", "item_id": "ISBN", "rating": "Book-Rating"},
            {"separator": ";"},
        ),
        (
            SHOP_EVENTS,
            "events",
            {
                "user_id": "visitorid", "item_id": "itemid", "event_type": "event",
                "event_time": "timestamp",
            },
            {},
        ),
        (
            REVIEWS,
            "ratings",
            {
                "user_id": "user_id", "item_id": "asin", "rating": "rating",
                "event_time": "timestamp",
            },
            {"format": "json"},
        ),
        (
            ITEMS,
            "items",
            {"item_id": "movieId", "title": "title", "categories": "genres"},
            {},
        ),
    ],
    ids=[
        "card export", "mobile money", "bank export", "movie ratings", "book ratings",
        "shop events", "reviews", "movies",
    ],
)  # fmt: skip
def test_the_settings_for_a_shape_that_teams_bring_are_proposed(
    tmp_path, content, table, columns, settings
):
    proposal = proposed(tmp_path, "data", content)
    assert proposal.table == table
    assert proposal.mapped == columns
    assert proposal.source.items() >= settings.items()
    SourceSettings.model_validate(proposal.source)
    assert proposal.reasons.keys() >= columns.keys()


@pytest.mark.spark
@pytest.mark.parametrize(
    "content",
    [SPARKOV, MOBILE_MONEY, BANK, MOVIELENS, BOOKS, SHOP_EVENTS, REVIEWS, ITEMS],
    ids=[
        "card export", "mobile money", "bank export", "movie ratings", "book ratings",
        "shop events", "reviews", "movies",
    ],
)  # fmt: skip
def test_what_is_proposed_reads_every_row(spark, tmp_path, content):
    proposal = proposed(tmp_path, "data", content)
    settings = load_settings()
    clock = settings.sources.clock(datetime(2026, 1, 1, tzinfo=UTC))
    source = SourceSettings.model_validate(proposal.source)
    trial = try_source(spark, proposal.table, source, settings, clock)
    assert (trial.rows, trial.kept, trial.reasons) == (ROWS, ROWS, {})
    assert len(trial.examples) == 5


def test_files_are_known_by_their_content_compressed_or_not(tmp_path):
    plain = proposed(tmp_path, "plain", MOVIELENS)
    for name, compress in (("a.csv.gz", gzip.compress), ("a.csv.bz2", bz2.compress)):
        packed = proposed(tmp_path, name, compress(MOVIELENS))
        assert packed.source | {"path": ""} == plain.source | {"path": ""}
    table = pd.DataFrame({"userId": [1, 2], "movieId": [3, 4], "rating": [0.5, None]})
    table.to_parquet(tmp_path / "typed")
    assert proposal_for(read_sample(tmp_path / "typed")).source["format"] == "parquet"


def test_a_file_without_a_header_is_mapped_by_what_a_person_says(tmp_path):
    sample = read_sample(_written(tmp_path / "u.data", MOVIELENS_OLD))
    assert sample.settings.items() >= {"header": False, "separator": "\t"}.items()
    with pytest.raises(SourceSchemaError, match="do not match any of IgniteFlow's tables"):
        proposal_for(sample)
    with pytest.raises(SourceSchemaError, match="no column looks like user_id"):
        proposal_for(sample, "ratings")


def test_a_compression_that_spark_cannot_read_is_named(tmp_path):
    file = _written(tmp_path / "data", pa.compress(MOVIELENS, "zstd", asbytes=True))
    with pytest.raises(UnreadableSourceError, match="compressed by Zstandard"):
        read_sample(file)


def test_a_separator_of_two_characters_is_found(tmp_path):
    content = lines("", lambda n: f"{n}::{n + 5}::{n % 5}::{978300760 + n}").encode()
    sample = read_sample(_written(tmp_path / "ratings.dat", content))
    assert sample.settings["separator"] == "::"
    assert len(sample.rows.columns) == 4


def test_a_folder_with_a_file_a_day_is_read_by_day(tmp_path):
    for day in ("2025-01-01", "2025-01-02"):
        _written(tmp_path / "in" / f"tx_{day}.csv", SPARKOV)
    proposal = proposal_for(read_sample(tmp_path / "in"))
    assert proposal.source["path"] == f"{tmp_path}/in/tx_{{date}}.csv"
    _written(tmp_path / "in" / "more.csv", SPARKOV)
    assert proposal_for(read_sample(tmp_path / "in")).source["path"] == f"{tmp_path}/in"


def test_what_a_file_cannot_say_is_asked_and_the_answer_counts(tmp_path):
    proposal = proposed(tmp_path, "data", MOBILE_MONEY)
    asked = {question.setting: question for question in proposal.questions}
    assert set(asked) == {"times.unit", "times.origin", "time_zone"}
    answered = (
        proposal.answered(asked["times.unit"], "days")
        .answered(asked["times.origin"], "2020-05-01T00:00:00")
        .answered(asked["time_zone"], "Africa/Nairobi")
    )
    assert answered.source["times"] == {"unit": "days", "origin": "2020-05-01T00:00:00"}
    assert (
        settings_file(answered, Path("x"), None, None)["sources"]["time_zone"] == "Africa/Nairobi"
    )


def test_the_value_that_means_fraud_is_asked_for(tmp_path):
    proposal = proposed(tmp_path, "data", BANK)
    (asked,) = (each for each in proposal.questions if each.setting == "labels")
    assert asked.assumed == "Ja"
    assert proposal.answered(asked, "Nein").source["labels"] == {"Ja": 0, "Nein": 1}


def test_a_day_that_may_be_a_month_is_asked_for(tmp_path):
    content = lines(
        "id,date,card,shop,amount", lambda n: f"a{n},0{n % 9 + 1}/05/2025 10:00,c,s,1.5"
    ).encode()
    proposal = proposed(tmp_path, "data", content)
    assert proposal.source["times"] == {"pattern": "d/M/yyyy H:mm"}
    assert (
        Question(
            "times.pattern", "How is date written? M/d/yyyy H:mm matches as well", "d/M/yyyy H:mm"
        )
        in proposal.questions
    )


def test_the_settings_file_has_the_days_and_no_source_that_is_not_there(tmp_path):
    proposal = proposed(tmp_path, "data", SPARKOV)
    days = datetime(2024, 1, 1).date(), datetime(2024, 1, 2).date()
    settings = settings_file(proposal, Path("data/x"), *days)
    assert settings["partitions"] == {"start_date": "2024-01-01", "end_date": "2024-01-02"}
    assert settings["sources"]["customers"] is None
    assert settings["lake"] == {"root": "data/x/lake"}


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (bytes(range(256)) * 9, UnreadableSourceError, "neither text"),
        (gzip.compress(b"a,b\n1,2\n" * 999)[:-30], UnreadableSourceError, "decompressed"),
        (b"{\n", UnreadableSourceError, "none of its lines is an object"),
        (b"PAR1 and nothing more", UnreadableSourceError, "not a Parquet file"),
        (b"a,b\n1,2\n", SourceSchemaError, "do not match any"),
    ],
    ids=["any bytes", "gzip that was cut", "no object", "no Parquet", "other columns"],
)
def test_what_cannot_be_read_is_named_with_what_to_do(tmp_path, content, error, words):
    with pytest.raises(error, match=words):
        proposed(tmp_path, "data", content)


def test_an_api_is_connected_by_the_pages_that_have_landed():
    with pytest.raises(UnreadableSourceError, match=r"https://api\.example\.com/v2\n.*landed"):
        read_sample(Path("https://api.example.com/v2"))


def test_an_empty_folder_holds_no_source(tmp_path):
    with pytest.raises(SourceNotDeliveredError):
        read_sample(tmp_path)


def test_the_page_shows_each_column_with_a_plot(tmp_path):
    path = _written(tmp_path / "data", SPARKOV)
    sample = read_sample(path)
    proposal = proposal_for(sample)
    page = profile_page(sample, proposal, {"rows": "40"})
    assert page.count("data:image/png") == len(sample.rows.columns)
    assert "→ customer_id" in page
    assert "In which time zone" in page


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path
