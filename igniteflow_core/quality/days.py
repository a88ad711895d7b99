"""The days of a table that a check covers."""

from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as sf


@dataclass(frozen=True)
class Days:
    """Consecutive days of a table.

    Attributes:
        column: column of the table with the day of each row.
        first: the first day.
        after_last: the day after the last one.
    """

    column: str
    first: date
    after_last: date

    @property
    def dates(self) -> list[date]:
        """Every day in order, including days without rows."""
        count = (self.after_last - self.first).days
        return [self.first + timedelta(days=number) for number in range(count)]

    def widened(self, by: timedelta) -> "Days":
        """These days, and as many before and after them."""
        return Days(self.column, self.first - by, self.after_last + by)

    def before(self, span: timedelta) -> "Days":
        """The days of the span that ends with the day before the first one."""
        return Days(self.column, self.first - span, self.first)

    def rows_of(self, table: DataFrame) -> DataFrame:
        """The rows of the table on one of the days."""
        day = sf.col(self.column)
        return table.where((day >= self.first) & (day < self.after_last))
