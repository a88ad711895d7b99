"""Conditions of rules: what they mean, and what is refused."""

import numpy as np
import pytest

from igniteflow_core.decisions.columns import Vocabulary, values_of
from igniteflow_core.decisions.expression import (
    DEEPEST_EXPRESSION,
    LONGEST_EXPRESSION,
    ExpressionError,
    parse_expression,
)
from igniteflow_core.schemas.own_columns import OwnColumn

OWN = {
    "country": OwnColumn(type="categorical"),
    "items": OwnColumn(type="numeric"),
    "is_guest": OwnColumn(type="boolean"),
}
KINDS = Vocabulary(OWN).kinds
ROWS = {
    "amount": [10.0, 500.0, 500.0, 0.0],
    "score": [0.1, 0.9, 0.2, 0.5],
    "country": ["FR", "DE", None, "FR"],
    "items": [1.0, None, 3.0, 0.0],
    "is_guest": [True, None, False, True],
    "customer_id": ["C1", "C2", "C3", "C4"],
}


def held(text: str) -> list[bool]:
    columns = {name: values_of(KINDS[name], values) for name, values in ROWS.items()}
    return parse_expression(text, KINDS).holds(columns, 4).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("amount >= 500", [False, True, True, False]),
        ("0 < amount < 500", [True, False, False, False]),
        ("amount * score > 45 or customer_id == 'C4'", [False, True, True, True]),
        ("-amount + 10 == 0", [True, False, False, False]),
        ("country == 'FR'", [True, False, False, True]),
        ("country != 'FR'", [False, True, False, False]),
        ("not country == 'FR'", [False, True, False, False]),
        ("country in ('FR', 'IT')", [True, False, False, True]),
        ("country not in ('FR', 'IT')", [False, True, False, False]),
        ("country is None", [False, False, True, False]),
        ("country is not None and not country == 'DE'", [True, False, False, True]),
        ("items > 0", [True, False, True, False]),
        ("not items > 0", [False, False, False, True]),
        ("items > 0 or score > 0.8", [True, True, True, False]),
        ("is_guest", [True, False, False, True]),
        ("not is_guest", [False, False, True, False]),
        ("is_guest == False", [False, False, True, False]),
        ("items in (1, 3.0)", [True, False, True, False]),
        ("amount / items > 100", [False, False, True, False]),
        ("amount / items is None", [False, True, False, True]),
        ("True", [True, True, True, True]),
        ("not False", [True, True, True, True]),
    ],
)
def test_a_condition_holds_where_it_is_known_to_hold(text, expected):
    assert held(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "().__class__.__bases__[0].__subclasses__()",
        "amount.__class__",
        "amount[0] > 1",
        "(lambda: True)()",
        "[amount for amount in (1, 2)]",
        "f'{amount}' == '1'",
        "(amount := 5) > 1",
        "amount ** amount ** amount > 1",
        "amount % 2 == 0",
        "amount << 9 > 1",
        "'a' * 1000000000 == 'b'",
        "amount > 1e999",
        "amount > " + "9" * 500,
        "amount if is_guest else score",
        "b'x' == b'x'",
        "amount > 1j",
        "... is None",
        "*amount",
        "await amount",
        "yield",
        "amount > 1; amount",
        "import os",
        "amount\x00 > 1",
        "amount > 1\ud800",
        "",
        "   ",
        "amount",
        "'FR'",
        "amount > 'FR'",
        "country < 'FR'",
        "country + 'x' == 'y'",
        "is_guest > True",
        "country == None",
        "amount is 5",
        "amount in (1, 'FR')",
        "amount in ()",
        "amount in country",
        "country in 'FR'",
        "(amount > 5) == True",
        "country in (country,)",
    ],
)
def test_what_is_no_plain_condition_is_refused(text):
    with pytest.raises(ExpressionError):
        parse_expression(text, KINDS)


def test_length_and_depth_are_limited():
    most = "amount > 1" + " " * (LONGEST_EXPRESSION - 10)
    parse_expression(most, KINDS)
    with pytest.raises(ExpressionError, match="1,001 characters"):
        parse_expression(most + " ", KINDS)
    parse_expression("not " * (DEEPEST_EXPRESSION - 2) + "is_guest", KINDS)
    for deep in ("not " * 230 + "is_guest", "-" * 900 + "amount > 1", "(" * 900 + "1" + ")" * 900):
        with pytest.raises(ExpressionError):
            parse_expression(deep, KINDS)


def test_all_unknown_names_are_listed_with_the_nearest_ones():
    with pytest.raises(ExpressionError) as refused:
        parse_expression("amuont > 1 and contry == 'FR' and xyzzy > 0", KINDS)
    assert str(refused.value) == (
        "there is no column or feature 'amuont' (did you mean 'amount'?), "
        "'contry' (did you mean 'country'?), 'xyzzy'"
    )


def test_an_empty_batch_is_decided():
    columns = {"amount": np.array([], dtype=np.float64)}
    assert parse_expression("amount > 1", KINDS).holds(columns, 0).tolist() == []
    assert parse_expression("True", KINDS).holds({}, 0).tolist() == []
