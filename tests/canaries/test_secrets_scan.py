"""The scan of ``make quality-check``, on files that hold what must not be committed."""

import subprocess
from pathlib import Path

import pytest

SCAN = Path("scripts/scan_secrets.sh")
# In two parts, as the scan reads this file too.
HELD = {
    "a key of AWS": "key = 'AKIA" + "Z7Q2MXN4PLRT6VWB'",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "an address with a password": "url = 'https://shop:" + "pa55word@example.org/'",
    "a token of GitHub": "token = 'ghp_" + "k3J9sQ2xV7bN1mL5pR8tY4wZ6cF0aDhGeUiO'",
}


def scanned(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SCAN, file], capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("name", HELD)
def test_a_file_with_a_secret_is_refused(name: str, tmp_path: Path):
    file = tmp_path / "settings.py"
    file.write_text(f"{HELD[name]}\n")
    assert scanned(file).returncode == 1


def test_a_line_that_says_that_it_holds_none_is_passed(tmp_path: Path):
    file = tmp_path / "settings.py"
    file.write_text(f"{HELD['a key of AWS']}  # pragma: allowlist secret\n")
    result = scanned(file)
    assert result.returncode == 0, result.stdout
