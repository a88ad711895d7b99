"""Public files of ratings, in the forms in which they are published, are read as ratings."""

from pathlib import Path

import pyspark
import pytest

from benchmarks.recommendations.ratings_file import ratings_source
from igniteflow_core.ingestion.interactions import judge_ratings
from igniteflow_core.ingestion.tables import read_whole
from igniteflow_core.schemas.interactions import RATINGS
from tests.clock import CLOCK

MOVIELENS_OF_SPARK = Path(
    pyspark.__file__, "..", "data", "mllib", "als", "sample_movielens_ratings.txt"
).resolve()
FORMS = {
    "ml-1m": "1::10::5::978300760\n1::20::2.5::978302109\n2::10::4::978301968\n",
    "ml-100k": "1\t10\t5\t978300760\n1\t20\t2.5\t978302109\n2\t10\t4\t978301968\n",
    "ml-latest": "userId,movieId,rating,timestamp\n"
    "1,10,5,978300760\n1,20,2.5,978302109\n2,10,4,978301968\n",
    "books": '"User";"Item";"Rating";"Time"\n'
    '"1";"10";"5";"978300760"\n"1";"20";"2.5";"978302109"\n"2";"10";"4";"978301968"\n',
}


def ratings_of(spark, file):
    raw = read_whole(spark, ratings_source(file), "", RATINGS)
    ratings = judge_ratings(raw, CLOCK).accepted
    assert ratings.count() == raw.count()
    return ratings


@pytest.mark.spark
@pytest.mark.parametrize("form", FORMS)
def test_every_published_form_gives_the_same_ratings(spark, tmp_path, form):
    file = tmp_path / "ratings"
    file.write_text(FORMS[form])
    made = ratings_of(spark, file).selectExpr(
        "user_id", "item_id", "rating", "unix_seconds(event_time)"
    )
    assert sorted(map(tuple, made.collect())) == [
        ("1", "10", 5.0, 978300760),
        ("1", "20", 2.5, 978302109),
        ("2", "10", 4.0, 978301968),
    ]


@pytest.mark.spark
def test_the_sample_of_movielens_that_spark_ships_is_read_whole(spark):
    made = ratings_of(spark, MOVIELENS_OF_SPARK)
    assert made.count() == 1_501
    assert made.select("user_id").distinct().count() == 30
    assert made.select("item_id").distinct().count() == 100


def test_a_file_that_holds_no_ratings_is_refused(tmp_path):
    file = tmp_path / "ratings"
    file.write_text("some,words\n")
    with pytest.raises(ValueError, match="no user, item, rating and time"):
        ratings_source(file)
