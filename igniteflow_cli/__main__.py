"""Entry point of ``python -m igniteflow_cli``: the command ``igniteflow``."""

from igniteflow_cli.main import app

app()
