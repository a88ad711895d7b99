"""Entry point of ``python -m igniteflow_serving``, the container's command."""

from igniteflow_core.config.load import load_settings
from igniteflow_serving.server import serve

if __name__ == "__main__":
    serve(load_settings())
