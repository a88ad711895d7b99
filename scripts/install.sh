#!/usr/bin/env bash
# Checks the prerequisites, and installs the locked packages into .venv.
set -euo pipefail
cd "$(dirname "$0")/.."

install_java='Install Java 17 or newer (Debian and Ubuntu: apt-get install openjdk-17-jre-headless; Fedora: dnf install java-17-openjdk-headless; macOS: brew install openjdk@17) and, if several are installed, set JAVA_HOME.'
java_command="${JAVA_HOME:+$JAVA_HOME/bin/}java"
if ! command -v "$java_command" >/dev/null 2>&1; then
    echo "Java was not found (looked for: $java_command). $install_java" >&2
    exit 1
fi
java_version=$("$java_command" -version 2>&1 | sed -nE 's/.*version "(1\.)?([0-9]+).*/\2/p' | head -n 1)
if [ -z "$java_version" ] || [ "$java_version" -lt 17 ]; then
    echo "Java ${java_version:-of an unknown version} is too old: Spark needs 17 or newer. $install_java" >&2
    exit 1
fi

if command -v uv >/dev/null 2>&1; then
    uv=uv
else
    python=""
    for candidate in python3.13 python3.12 python3.11 python3; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'; then
            python=$candidate
            break
        fi
    done
    if [ -z "$python" ]; then
        echo "Python 3.11, 3.12 or 3.13 was not found. Install one of them, or uv." >&2
        exit 1
    fi
    "$python" -m venv .uv
    .uv/bin/pip install --quiet uv
    uv=.uv/bin/uv
fi
"$uv" sync --locked --all-extras
