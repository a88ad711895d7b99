"""The environments, and their accepted names."""

from typing import Final, Literal, get_args

Environment = Literal["local", "dev", "staging", "prod"]

ENVIRONMENTS: Final[tuple[Environment, ...]] = get_args(Environment)
WRITTEN_OUT: Final[dict[str, Environment]] = {"development": "dev", "production": "prod"}


def environment_named(name: object) -> Environment | None:
    """The environment of that name, abbreviated or written out; None for any other name."""
    known = {environment: environment for environment in ENVIRONMENTS} | WRITTEN_OUT
    return known.get(name) if isinstance(name, str) else None
