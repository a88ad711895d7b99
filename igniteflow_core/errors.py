"""The one hierarchy of errors: what was wrong, where, and what to do about it."""

import difflib
from collections.abc import Iterable


class IgniteFlowError(Exception):
    """Base of every error that IgniteFlow raises on purpose.

    Args:
        what: what was wrong, as one sentence without a full stop.
        where: the file, table, column or setting in which it was found.
        fix: what the reader should do next.
    """

    def __init__(self, what: str, *, where: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what}.\n  Where: {self.where}\n  Fix:   {self.fix}"


class RetryableError(IgniteFlowError):
    """The same call may succeed later: a late delivery, a server that is away."""


class PermanentError(IgniteFlowError):
    """The same call will fail again until a person changes input, settings or code."""


class ConfigurationError(PermanentError):
    """Settings that do not validate; names every mistake at once."""


class EnvironmentSetupError(PermanentError):
    """The machine lacks something that has to be installed first, such as Java."""


class FullDiskError(PermanentError):
    """Something could not be written for lack of space."""


class SourceNotDeliveredError(RetryableError):
    """No file or table is there yet for the day that was asked for."""


class SourceUnreachableError(RetryableError):
    """The server of a source does not answer."""


class UnreadableSourceError(PermanentError):
    """A source exists but cannot be read in the format that the settings name."""


class SourceSchemaError(PermanentError):
    """A source lacks a mapped column, or holds it in a type that has no text form."""


class MissingTableError(PermanentError):
    """A lake table is read before anything has written it."""


class InsufficientDataError(PermanentError):
    """There are too few rows, labels or days for what was asked."""


class ModelArtifactError(PermanentError):
    """A stored model is incomplete, altered, or of another format version."""


class DecisionPolicyError(PermanentError):
    """A decision policy names what is not declared, or a rule of it is not an expression."""


class QualityRuleError(PermanentError):
    """A data-quality rule cannot be evaluated, for example for lack of its column."""


class DataContractError(PermanentError):
    """A table is about to be written with other columns than its contract promises."""


class TableConflictError(RetryableError):
    """Other writers keep changing the files of a table while it is written."""


class TableVersionError(PermanentError):
    """A table has no such version, no longer holds its files, or must not go back."""


class MissingModelError(PermanentError):
    """The registry holds no version of a model under the alias that is asked for."""


class OnlineStoreError(RetryableError):
    """The online store does not answer, or refuses: it is away, overloaded or locks us out."""


class StreamInputError(PermanentError):
    """The stream's source no longer has what is to be read."""


class StreamOutputError(RetryableError):
    """Kafka does not take what the stream writes."""


class StreamEndedError(RetryableError):
    """The stream was told to end before a micro-batch began."""


def with_nearest(name: str, known: Iterable[str]) -> str:
    """The name as an error states it, with the nearest known one, if any is near."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"{name!r} (did you mean {close[0]!r}?)" if close else repr(name)


def full_disk(where: str) -> FullDiskError:
    """The error that a disk has no space left, found at ``where``."""
    return FullDiskError(
        "there is no space left on the disk",
        where=where,
        fix="make room, or point lake.root, mlflow.artifact_root and DAGSTER_HOME at another disk; "
        "then run the same again: what was half written does not count",
    )
