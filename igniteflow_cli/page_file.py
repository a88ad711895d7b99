"""Writes a page to a file, as HTML or PDF depending on the file's suffix."""

from pathlib import Path

from igniteflow_core.errors import EnvironmentSetupError


def write_page(page: str, to: Path) -> None:
    """Write the HTML page, or convert it to PDF if the suffix is ``.pdf``.

    Raises:
        EnvironmentSetupError: PDF requires an extra that is not installed.
    """
    if to.suffix.lower() != ".pdf":
        to.write_text(page, encoding="utf-8")
        return
    try:
        from igniteflow_core.pages.pdf import pdf_of  # noqa: PLC0415 - an optional extra
    except ModuleNotFoundError as error:
        raise EnvironmentSetupError(
            "a PDF file requires fpdf2",
            where=str(to),
            fix="install IgniteFlow with the extra: pip install 'igniteflow[pdf]'; or write HTML",
        ) from error
    to.write_bytes(pdf_of(page))
