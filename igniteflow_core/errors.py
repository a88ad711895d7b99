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
    """The same call may succeed later, for example after a late delivery or a server outage."""


class PermanentError(IgniteFlowError):
    """The same call will fail again until a person changes input, settings or code."""


class ConfigurationError(PermanentError):
    """The settings are invalid; the error lists every mistake at once."""


class EnvironmentSetupError(PermanentError):
    """The machine lacks something that has to be installed first, such as Java."""


class FullDiskError(PermanentError):
    """A file could not be written for lack of space."""


class SourceNotDeliveredError(RetryableError):
    """There is no file or table yet for the requested day."""


class SourceUnreachableError(RetryableError):
    """The server of a source does not respond."""


class UnreadableSourceError(PermanentError):
    """A source exists but cannot be read in the format that the settings name."""


class SourceSchemaError(PermanentError):
    """A source lacks a mapped column, or has it in a type without a text form."""


class MissingTableError(PermanentError):
    """A lake table is read before anything has written it."""


class InsufficientDataError(PermanentError):
    """There are too few rows, labels or days for the requested result."""


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
    """A table has no such version, no longer has its files, or must not be restored to it."""


class MissingModelError(PermanentError):
    """The registry has no version of a model under the requested alias."""


class OnlineStoreError(RetryableError):
    """The online store does not respond, is overloaded, or rejects the credentials."""


class StreamInputError(PermanentError):
    """The stream's source no longer has the data that is to be read."""


class StreamOutputError(RetryableError):
    """Kafka does not accept the output of the stream."""


class StreamEndedError(RetryableError):
    """The stream was asked to stop before a micro-batch began."""


def with_nearest(name: str, known: Iterable[str]) -> str:
    """The name as error messages show it, with the nearest known name if any is similar."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"{name!r} (did you mean {close[0]!r}?)" if close else repr(name)


def full_disk(where: str) -> FullDiskError:
    """The error for a disk without free space at ``where``."""
    return FullDiskError(
        "there is no space left on the disk",
        where=where,
        fix="free space, or set lake.root, mlflow.artifact_root and DAGSTER_HOME to another disk; "
        "then run the same again: partial writes are ignored",
    )
