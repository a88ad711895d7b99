"""Mistakes in the settings of an API."""

import pytest
from pydantic import ValidationError

from igniteflow_core.config.sources import SourceSettings, SourcesSettings

API = {"format": "rest", "path": "https://api.example.com/payments", "rest": {}}


def of(**changes) -> SourceSettings:
    return SourceSettings.model_validate(API | changes)


def test_an_address_and_where_the_rows_are_is_enough():
    assert of().rest.rows == ""
    assert not of().is_daily
    assert of(path="https://api.example.com/days/{date}").is_daily
    assert of(rest={"parameters": {"before": "{next_date}"}}).is_daily


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"path": "payments.json"}, "an address such as"),
        ({"path": f"https://me:{'x' * 8}@host/payments"}, "must not contain a password"),
        ({"path": "https://host/payments?api_key=abc"}, "must not contain a password"),
        ({"rest": None}, "takes rest"),
        ({"format": "json"}, "rest: no effect on format json, only on rest"),
        ({"header": False}, "header: no effect on format rest, only on csv"),
        ({"rest": {"parameters": {"api_key": "abc"}}}, "api_key looks like a secret"),
        ({"rest": {"paging": {"by": "pages"}}}, "'page', 'offset', 'cursor' or 'link'"),
        ({"rest": {"paging": {"by": "page"}}}, "by page takes parameter"),
        ({"rest": {"paging": {"by": "link", "parameter": "p"}}}, "by link takes no parameter"),
        ({"rest": {"paging": {"by": "cursor"}}}, "JSON path of the next cursor"),
        (
            {"rest": {"paging": {"by": "page", "parameter": "p", "cursor": "next"}}},
            "JSON path of the next cursor",
        ),
        (
            {"rest": {"paging": {"by": "cursor", "cursor": "next", "first": 1}}},
            "first belongs to by page",
        ),
        (
            {"rest": {"paging": {"by": "page", "parameter": "p"}, "parameters": {"p": "1"}}},
            "p is both in parameters and in paging",
        ),
        ({"rest": {"requests_per_second": 0}}, "greater than 0"),
        ({"rest": {"authentication": {"scheme": "bearer"}}}, "either variable or file"),
        (
            {"rest": {"authentication": {"scheme": "bearer", "variable": "A", "file": "b"}}},
            "either variable or file",
        ),
        ({"rest": {"authentication": {"scheme": "header", "file": "a"}}}, "header belongs to"),
        ({"rest": {"authentication": {"scheme": "basic", "file": "a"}}}, "user belongs to"),
        ({"rest": {"authentication": {"scheme": "digest", "file": "a"}}}, "'basic'"),
    ],
)
def test_a_mistake_is_refused_with_what_is_right(changes, said):
    with pytest.raises(ValidationError, match=said):
        of(**changes)


def test_a_table_that_is_read_whole_has_no_day_in_its_parameters():
    ratings = API | {"rest": {"parameters": {"day": "{date}"}}}
    with pytest.raises(ValidationError, match="ratings: read as a whole"):
        SourcesSettings.model_validate({"transactions": API, "ratings": ratings})
