"""Writes the Grafana dashboards of the chart: ``python scripts/build_dashboards.py [FOLDER]``.

The dashboards are defined in ``dashboards.yaml``, without layout, so that they are easy to review.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[1] / "helm" / "igniteflow" / "dashboards"
BOARDS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("dashboards.yaml").read_text(encoding="utf-8")
)
_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 24
_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


def board(name: str) -> dict[str, Any]:
    """Return Grafana's JSON model of a dashboard."""
    described = BOARDS[name]
    return {
        "uid": f"igniteflow-{name.replace('_', '-')}",
        "title": described["title"],
        "tags": ["igniteflow"],
        "schemaVersion": 41,
        "time": {"from": "now-24h", "to": "now"},
        "refresh": "1m",
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [_panel(number, panel) for number, panel in enumerate(described["panels"])],
    }


def _panel(number: int, panel: dict[str, Any]) -> dict[str, Any]:
    kind = panel.get("kind", "timeseries")
    is_instant = kind != "timeseries"
    return {
        "id": number + 1,
        "title": panel["title"],
        "type": kind,
        "datasource": _DATASOURCE,
        "gridPos": {
            "x": number * _WIDTH % _COLUMNS,
            "y": number * _WIDTH // _COLUMNS * _HEIGHT,
            "w": _WIDTH,
            "h": _HEIGHT,
        },
        "fieldConfig": {
            "defaults": {"unit": panel.get("unit", "short"), "min": 0},
            "overrides": [],
        },
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": _DATASOURCE,
                "expr": query,
                "legendFormat": legend,
                "instant": is_instant,
                "range": not is_instant,
                "format": "table" if kind == "table" else "time_series",
            }
            for index, (legend, query) in enumerate(panel["queries"].items())
        ],
    }


def main(folder: Path = FOLDER) -> None:
    """Write one file per dashboard."""
    folder.mkdir(exist_ok=True)
    for name in BOARDS:
        text = json.dumps(board(name), indent=1) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
