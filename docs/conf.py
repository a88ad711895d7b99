"""How Sphinx builds the documentation: ``make docs``."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]

project = "IgniteFlow"
author = "The IgniteFlow authors"
release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
extensions = [
    "myst_parser",
    "sphinx.ext.apidoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
html_theme = "furo"
html_title = "IgniteFlow"
exclude_patterns = ["_build"]

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]

# What the assets of a team import. The HTTP API describes itself at /docs, commands by --help,
# assets in the Dagster UI.
apidoc_modules = [{"path": "../igniteflow_core", "destination": "api", "separate_modules": False}]
napoleon_use_ivar = True
napoleon_attr_annotations = False  # a type such as str_ would be read as a reference
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_typehints = "signature"
autodoc_member_order = "bysource"

# An attribute's name in a docstring is no reference, however many classes have such a one.
suppress_warnings = ["ref.python", "myst.xref_missing"]
