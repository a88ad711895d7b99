"""What was tried, and what came of it: one line a trial, and the table of them all."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Trial:
    """One kill or fault.

    Attributes:
        fault: what was done, such as ``kill the run process``.
        where: the asset, or what was under way.
        wrong: what did not hold afterwards; empty if everything did.
    """

    fault: str
    where: str
    wrong: str = ""


@dataclass
class Ledger:
    """The trials of a campaign, each kept in a file as it is made; those in it are of it, too."""

    file: Path
    trials: list[Trial] = field(init=False)

    def __post_init__(self) -> None:
        """Go on with what the file holds."""
        lines = self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else ()
        self.trials = [Trial(**json.loads(line)) for line in lines]

    def add(self, fault: str, where: str, wrong: str = "") -> None:
        """Record a trial."""
        trial = Trial(fault, where, wrong)
        self.trials.append(trial)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(trial)) + "\n")
        print(f"{len(self.trials):4} {fault}: {where} {wrong}".rstrip(), flush=True)

    def compared(self, fault: str, found: Sequence[str]) -> None:
        """Record the comparison that follows the trials of a fault."""
        for each in found:
            self.add(fault, "comparison", each)
        print(f"     after {fault}: {found or 'as undisturbed'}", flush=True)

    @property
    def wrong(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.wrong]


def by_fault(trials: Iterable[Trial]) -> pd.DataFrame:
    """How often each fault was tried, in how many places, and how often something was wrong."""
    frame = _frame(trials)
    tried = frame[frame["where"] != "comparison"]
    wrong = frame["wrong"].ne("").groupby(frame["fault"]).sum()
    return (
        tried.groupby("fault", sort=False)
        .agg(tried=("where", "size"), places=("where", "nunique"))
        .join(wrong)
        .reset_index()
    )


def by_asset(trials: Iterable[Trial]) -> pd.DataFrame:
    """How many kills each asset had."""
    frame = _frame(trials)
    kills = frame[frame["fault"].str.startswith("kill") & (frame["where"] != "comparison")]
    return pd.crosstab(kills["where"], kills["fault"]).reset_index()


def _frame(trials: Iterable[Trial]) -> pd.DataFrame:
    # Named, as a campaign whose time was over before its first trial has no rows to name them.
    columns = [each.name for each in fields(Trial)]
    return pd.DataFrame([asdict(trial) for trial in trials], columns=columns)
