"""The columns of every delivered row besides those that the settings map."""

from igniteflow_core.schemas.contract import Column

SOURCE_FILE = "source_file"
FAULT = "fault"
ROW_TEXT = "row_text"

SOURCE_FILE_COLUMN = Column(
    name=SOURCE_FILE, type="string", description="File or table the row came from"
)
FAULT_COLUMN = Column(
    name=FAULT,
    type="string",
    nullable=True,
    description="Why the row could not be split into columns, which are then null; otherwise null",
)
ROW_TEXT_COLUMN = Column(
    name=ROW_TEXT,
    type="string",
    nullable=True,
    description="The row itself if it could not be split into columns",
)
REASONS_COLUMN = Column(
    name="reasons", type="array<string>", description="Names of the rules that the row breaks"
)
