from pathlib import Path

from igniteflow_core.features.contract import feature_catalogue


def test_the_page_in_the_docs_is_that_of_the_declarations():
    page = Path(__file__).parents[3] / "docs" / "features.md"
    assert page.read_text().endswith(feature_catalogue())
