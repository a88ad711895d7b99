"""Pages of HTML that need nothing else, from the templates beside the code that fills them."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


def html_template(package: str, name: str) -> Template:
    """The template of a package; it escapes what it shows, and fails on what it is not given.

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
