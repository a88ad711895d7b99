"""Self-contained HTML pages, from the templates beside the code that renders them."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


def html_template(package: str, name: str) -> Template:
    """The template of a package, which escapes values and fails on undefined ones.

    Args:
        package: dotted name of the package whose folder holds the template.
        name: file name of the template.
    """
    return _templates(package).get_template(name)


@cache
def _templates(package: str) -> Environment:
    return Environment(
        loader=PackageLoader(package, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
