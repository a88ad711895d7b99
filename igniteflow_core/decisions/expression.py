"""Conditions of rules: parsed with Python's grammar, checked against an allowlist.

Nothing is ever executed as Python. The parsed text becomes functions of this module over arrays,
so that one row and a million rows are decided by the same code. As in SQL, a comparison with a
missing value is unknown. Therefore a condition is a pair of boolean arrays: where it is true and
where it is false.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.decisions.columns import Kind, Values
from igniteflow_core.errors import with_nearest

LONGEST_EXPRESSION: Final = 1_000
DEEPEST_EXPRESSION: Final = 20

Columns: TypeAlias = Mapping[str, Values]
_Mask: TypeAlias = NDArray[np.bool_]
_Truth: TypeAlias = tuple[_Mask, _Mask]
Condition: TypeAlias = Callable[[Columns], _Truth]

_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[Values, Values], Values]]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[Values, Values], _Mask]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ALLOWED: Final = (
    "a condition is made of names, numbers, texts, True, False, and, or, not, + - * /, "
    "< <= > >= == !=, in (...), is None and is not None"
)


class ExpressionError(ValueError):
    """An invalid condition; the message gives the reason."""


@dataclass(frozen=True)
class Expression:
    """A condition that was checked.

    Attributes:
        reads: sorted names in the condition.
        condition: function from the columns of these names to where it is true and false.
    """

    reads: tuple[str, ...]
    condition: Condition

    def holds(self, columns: Columns, rows: int) -> _Mask:
        """Where the condition holds, shape (rows,); where it is unknown, it does not."""
        with np.errstate(all="ignore"):
            return np.broadcast_to(self.condition(columns)[0], (rows,))


@dataclass(frozen=True)
class _Operand:
    kind: Kind
    values: Callable[[Columns], Values]


def parse_expression(text: str, kinds: Mapping[str, Kind]) -> Expression:
    """Parse and check a condition.

    Args:
        text: at most ``LONGEST_EXPRESSION`` characters, nested at most ``DEEPEST_EXPRESSION`` deep.
        kinds: type of each name that it can use.

    Raises:
        ExpressionError: the text is too long or too deeply nested, is not a condition, uses
            unsupported syntax, compares different types, or uses unknown names; the message lists
            all of them.
    """
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionError(
            f"it has {len(text):,} characters; at most {LONGEST_EXPRESSION:,} are taken"
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"it cannot be parsed: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError("it cannot be parsed") from error
    _require_shallow(tree)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    unknown = sorted(names - kinds.keys())
    if unknown:
        named = ", ".join(with_nearest(name, kinds) for name in unknown)
        raise ExpressionError(f"there is no column or feature {named}")
    return Expression(tuple(sorted(names)), _Compiler(kinds).condition(tree))


def _require_shallow(tree: ast.expr) -> None:
    """Check the depth level by level, so that a tree of any depth is rejected without recursion."""
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST_EXPRESSION):
        level = [
            child
            for node in level
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.expr)
        ]
        if not level:
            return
    raise ExpressionError(f"it is nested deeper than {DEEPEST_EXPRESSION} levels")


@dataclass(frozen=True)
class _Compiler:
    kinds: Mapping[str, Kind] = field(repr=False)

    def condition(self, node: ast.expr) -> Condition:
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = [self.condition(each) for each in values]
                return _all_of(parts) if isinstance(op, ast.And) else _any_of(parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _negated(self.condition(operand))
            case ast.Compare(left=left, ops=ops, comparators=right):
                sides = [left, *right]
                pairs = zip(sides, ops, right, strict=False)
                return _all_of([self._comparison(*each) for each in pairs])
        operand_ = self._operand(node)
        if operand_.kind != "boolean":
            raise ExpressionError(f"{_shown(node)} is a {operand_.kind}, not a condition")
        return lambda columns: _truth_of(operand_.values(columns))

    def _comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Condition:
        if isinstance(op, ast.Is | ast.IsNot):
            return self._missing(left, right, is_missing=isinstance(op, ast.Is))
        if isinstance(op, ast.In | ast.NotIn):
            found = self._member(left, right)
            return found if isinstance(op, ast.In) else _negated(found)
        one, other = self._operand(left), self._operand(right)
        compare = _COMPARISONS[type(op)]
        if one.kind != other.kind:
            raise ExpressionError(
                f"{_shown(left)} is a {one.kind} and {_shown(right)} a {other.kind}"
            )
        if one.kind != "number" and not isinstance(op, ast.Eq | ast.NotEq):
            raise ExpressionError(f"only numbers have an order, and {_shown(left)} is a {one.kind}")

        def compared(columns: Columns) -> _Truth:
            a, b = one.values(columns), other.values(columns)
            known = _known(a) & _known(b)
            holds = compare(a, b).astype(np.bool_)
            return holds & known, ~holds & known

        return compared

    def _missing(self, left: ast.expr, right: ast.expr, *, is_missing: bool) -> Condition:
        if not (isinstance(right, ast.Constant) and right.value is None):
            raise ExpressionError("is and is not are only supported with None: use == and !=")
        operand = self._operand(left)

        def missing(columns: Columns) -> _Truth:
            known = _known(operand.values(columns))
            return (~known, known) if is_missing else (known, ~known)

        return missing

    def _member(self, left: ast.expr, right: ast.expr) -> Condition:
        if not isinstance(right, ast.Tuple | ast.List | ast.Set) or not right.elts:
            raise ExpressionError("in is followed by values in brackets, such as ('FR', 'DE')")
        operand = self._operand(left)
        values = [self._constant(each) for each in right.elts]
        if any(kind != operand.kind for kind, _ in values):
            raise ExpressionError(
                f"{_shown(left)} is a {operand.kind}, and each value after in must be one, too"
            )
        members = frozenset(value for _, value in values)

        def contained(columns: Columns) -> _Truth:
            looked_for = operand.values(columns)
            known = _known(looked_for)
            inside = np.array([each in members for each in looked_for.tolist()], dtype=np.bool_)
            return inside & known, ~inside & known

        return contained

    def _operand(self, node: ast.expr) -> _Operand:
        match node:
            case ast.Name(id=name):
                return _Operand(self.kinds[name], operator.itemgetter(name))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                one, other = self._number(left), self._number(right)
                apply = _ARITHMETIC[type(op)]
                return _Operand(
                    "number", lambda columns: _finite(apply(one(columns), other(columns)))
                )
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                negated = self._number(operand)
                return _Operand("number", lambda columns: -negated(columns))
            case ast.Constant():
                kind, value = self._constant(node)
                array = np.array([value], dtype=object if kind == "text" else np.float64)
                return _Operand(kind, lambda _: array)
        raise ExpressionError(f"{_shown(node)} is not allowed: {_ALLOWED}")

    def _number(self, node: ast.expr) -> Callable[[Columns], Values]:
        operand = self._operand(node)
        if operand.kind != "number":
            raise ExpressionError(f"{_shown(node)} is a {operand.kind}, not a number")
        return operand.values

    def _constant(self, node: ast.expr) -> tuple[Kind, float | str]:
        match node:
            case ast.Constant(value=bool(value)):
                return "boolean", float(value)
            case ast.Constant(value=str(value)):
                return "text", value
            case ast.Constant(value=int(value) | float(value)):
                return "number", _finite_number(value)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value) | float(value))):
                return "number", -_finite_number(value)
        raise ExpressionError(f"{_shown(node)} is not allowed here: write a number or a text")


def _finite_number(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ExpressionError("a number in it is too large")
    return number


def _shown(node: ast.expr) -> str:
    return repr(ast.unparse(node)[:40])


def _known(values: Values) -> _Mask:
    if values.dtype == object:
        return np.array([each is not None for each in values.tolist()], dtype=np.bool_)
    known: _Mask = ~np.isnan(values)
    return known


def _finite(values: Values) -> Values:
    """Division by zero and overflow result in a missing value."""
    return np.where(np.isfinite(values), values, np.nan)


def _truth_of(values: Values) -> _Truth:
    return values == 1, values == 0


def _all_of(parts: list[Condition]) -> Condition:
    if len(parts) == 1:
        return parts[0]

    def both(columns: Columns) -> _Truth:
        holds, fails = parts[0](columns)
        for part in parts[1:]:
            next_holds, next_fails = part(columns)
            holds, fails = holds & next_holds, fails | next_fails
        return holds, fails

    return both


def _any_of(parts: list[Condition]) -> Condition:
    return _negated(_all_of([_negated(part) for part in parts]))


def _negated(part: Condition) -> Condition:
    def negated(columns: Columns) -> _Truth:
        holds, fails = part(columns)
        return fails, holds

    return negated
