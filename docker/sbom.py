"""Restricts a bill of materials to the installed packages: python docker/sbom.py FILE.

uv exports all of uv.lock, which includes packages of other systems and Python versions.
"""

import json
import re
import sys
from importlib.metadata import distributions
from pathlib import Path


def key(name: str, version: str) -> tuple[str, str]:
    """Return the normalized name and the version of a package."""
    return re.sub(r"[-_.]+", "-", name).lower(), version


file = Path(sys.argv[1])
bill = json.loads(file.read_text())
present = {key(each.name, each.version) for each in distributions()}
named = {key(each["name"], each["version"]): each for each in bill["components"]}
own = key(**{part: bill["metadata"]["component"][part] for part in ("name", "version")})
if unnamed := present - named.keys() - {own}:
    sys.exit(f"installed packages are missing in {file}: {sorted(unnamed)}")
bill["components"] = [each for package, each in named.items() if package in present]
kept = {each["bom-ref"] for each in (*bill["components"], bill["metadata"]["component"])}
bill["dependencies"] = [
    each | {"dependsOn": [ref for ref in each.get("dependsOn", ()) if ref in kept]}
    for each in bill["dependencies"]
    if each["ref"] in kept
]
file.write_text(json.dumps(bill, indent=2))
