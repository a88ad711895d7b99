"""The settings of ``config/examples`` read files of the shape that each is for."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from igniteflow_core.config.load import load_settings
from igniteflow_core.connect.trial import try_source

pytestmark = pytest.mark.spark

EXAMPLES = Path(__file__).parents[3] / "config" / "examples"
ROWS = 20

BOOK_RATINGS = '"User-ID";"ISBN";"Book-Rating"\n' + "\n".join(
    f'"{276725 + n}";"034545104X";"{n % 11}"' for n in range(ROWS)
)
BOOKS = '"ISBN";"Book-Title";"Book-Author";"Publisher"\n' + "\n".join(
    f'"00020050{n:02}";"Die Räuber; Teil {n}";"Schiller";"Müller & Söhne"' for n in range(ROWS)
)
REVIEWS = "\n".join(
    json.dumps(
        {
            "rating": float(n % 5 + 1),
            "text": 'said "lovely",\nand meant it',
            "images": [],
            "asin": f"B00YQ6X8E{n}",
            "user_id": f"AGKHLEW2SOWHNMFQ{n}",
            "timestamp": 1588687728923 + n,
            "verified_purchase": True,
        }
    )
    for n in range(ROWS)
)
PLAYS = "userID\tartistID\tweight\n" + "\n".join(f"{n}\t51\t{13883 + n}" for n in range(ROWS))


@pytest.mark.parametrize(
    ("example", "table", "file", "content"),
    [
        ("book_ratings", "ratings", "BX-Book-Ratings.csv", BOOK_RATINGS.encode("latin-1")),
        ("book_ratings", "items", "BX-Books.csv", BOOKS.encode("latin-1")),
        ("product_reviews", "ratings", "reviews.jsonl", REVIEWS.encode()),
        ("play_counts", "ratings", "user_artists.dat", PLAYS.encode()),
    ],
)
def test_every_row_is_kept(spark, tmp_path, monkeypatch, example, table, file, content):
    (tmp_path / file).write_bytes(content)
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(EXAMPLES / f"{example}.json"))
    settings = load_settings()
    source = settings.sources.named(table)
    here = source.model_copy(update={"path": str(tmp_path / source.path)})
    clock = settings.sources.clock(datetime(2026, 1, 1, tzinfo=UTC))
    trial = try_source(spark, table, here, settings, clock)
    assert (trial.rows, trial.kept, trial.reasons) == (ROWS, ROWS, {})
