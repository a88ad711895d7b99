"""Hostile input, drawn from a seed so that what fails once fails again."""

import json
import random
from collections.abc import Iterator
from typing import Any

HOSTILE: tuple[Any, ...] = (
    "", " ", "\x00", "null", "NaN", "=cmd|'/C calc'!A0", "@SUM(1+1)", "../../etc/passwd",
    "'; DROP TABLE transactions; --", "${jndi:ldap://x}", "{{7*7}}", "%s%n", "\u202eevil", "é",
    "\ufeffx", "\ud83d\ude00", "a" * 70_000, "1e309", "-0", "2025-02-30T25:61:00Z", "0001-01-01",
    "9999-12-31T23:59:59+14:00", "٣", None, True, False, 0, -1, 10**400, -(2**63), 2**64,
    1e308, -1e-320, [], {}, [[]], {"": {}}, ["x"] * 1_000, float("nan"), float("inf"),
)  # fmt: skip


def nested(depth: int) -> str:
    """JSON that lies deeper than a parser's stack."""
    return "[" * depth + "]" * depth


def mutated(value: Any, rng: random.Random) -> Any:
    """The same JSON with one part exchanged, left out, doubled or renamed."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        name = rng.choice(list(value))
        rest = dict(value)
        kind = rng.random()
        if kind < 0.6:
            rest[name] = mutated(value[name], rng)
        elif kind < 0.75:
            del rest[name]
        else:
            rest[str(rng.choice(HOSTILE))[:100]] = rest.pop(name)
        return rest
    if isinstance(value, list) and value and rng.random() < 0.7:
        at = rng.randrange(len(value))
        return [*value[:at], mutated(value[at], rng), *value[at:][: rng.randrange(3)]]
    return rng.choice(HOSTILE)


def torn(content: bytes, rng: random.Random) -> bytes:
    """The same bytes cut, with some changed, or with some put in."""
    at = rng.randrange(len(content) + 1)
    kind = rng.random()
    if kind < 0.3:
        return content[:at]
    if kind < 0.6:
        return content[:at] + rng.randbytes(rng.randrange(9)) + content[at:]
    changed = bytearray(content)
    for _ in range(rng.randrange(1, 6)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def hostile_json(good: dict[str, Any], cases: int, seed: int) -> Iterator[bytes]:
    """So many variants of a good document: most are JSON, some are torn or too deep."""
    rng = random.Random(seed)
    for number in range(cases):
        if number % 997 == 0:
            yield nested(rng.choice((10, 1_000, 200_000))).encode()
            continue
        document: Any = good
        for _ in range(rng.randrange(1, 4)):
            document = mutated(document, rng)
        text = json.dumps(document, ensure_ascii=rng.random() < 0.5).encode(errors="surrogatepass")
        yield torn(text, rng) if rng.random() < 0.2 else text
