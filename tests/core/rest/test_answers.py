"""What is read out of an answer."""

import pytest

from igniteflow_core.rest.answer import AnswerError, rows_at, text_at


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'[{"a": 1}, {"a": 2}]', ""),
        (b'{"data": {"items": [{"a": 1}, {"a": 2}]}}', "data.items"),
        (b'\xef\xbb\xbf {"value": [{"a": 1},\r\n{"a": 2}], "@odata.nextLink": "x"}\n', "value"),
        (b'{"data.items": [{"a": 1}, {"a": 2}]}', "data.items"),
    ],
)
def test_rows_are_found_where_the_settings_say(body, path):
    assert rows_at(body, path) == [b'{"a": 1}', b'{"a": 2}']


def test_rows_are_what_was_sent_digit_by_digit_and_on_one_line_each():
    row = b'{"n": 12345678901234567890.1234567890,\n "n": 0.10, "t": "a\\nb\\u00fc", "x": [1e400]}'
    assert rows_at(b"[" + row + b"]", "") == [row.replace(b"\n", b" ")]


@pytest.mark.parametrize("body", [b'{"items": []}', b'{"items": null}'])
def test_no_rows_are_none(body):
    assert rows_at(body, "items") == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"items": [{"a": 1}, {"a"', "truncated after 25 bytes"),
        (b"", "truncated after 0 bytes"),
        (b"<!DOCTYPE html><title>Log in</title>", "HTML or XML"),
        (b"Internal error", r"not JSON.*byte 0"),
        (b'{"items": [{"a": NaN}]}', r"not JSON.*byte 17"),
        (b'{"items": []} {"items": []}', "trailing"),
        (b'{"error": "no such day", "code": 7}', r"nothing at rest.rows 'items' .*error, code"),
        (b'{"items": {"rows": [], "total": 0}}', r"an object instead of a list.*rows, total"),
        (b'{"items": 5}', "a single value instead of a list"),
        (b'["items"]', "nothing at rest.rows 'items'"),
    ],
)
def test_an_answer_of_another_shape_says_what_it_is(body, said):
    with pytest.raises(AnswerError, match=said):
        rows_at(body, "items")


def test_an_answer_that_is_nested_without_end_is_refused():
    for body in (b"[" * 100_000, b'[{"a":' * 100_000):
        with pytest.raises(AnswerError, match="it is not JSON"):
            rows_at(body, "")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"next": "abc\\u003d"}', "abc="),
        (b'{"next": 12345678901234567890}', "12345678901234567890"),
        (b'{"next": null}', None),
        (b'{"next": false}', None),
        (b'{"next": ""}', None),
        (b"{}", None),
    ],
)
def test_a_cursor_is_text_or_a_number(body, found):
    assert text_at(body, "next") == found


def test_a_cursor_that_is_an_object_is_none():
    with pytest.raises(AnswerError, match="no single value at 'meta'"):
        text_at(b'{"meta": {"next": "abc"}}', "meta")
