#!/usr/bin/env bash
# Puts helm on PATH where it is missing, so that the tests of the chart can run. Debian has no
# package of it, so it is built from its Go module: some minutes, once a machine.
set -euo pipefail
version=v3.19.0
if command -v helm >/dev/null 2>&1 || [ -x "$(go env GOPATH 2>/dev/null)/bin/helm" ]; then
    exit 0
fi
if ! command -v go >/dev/null 2>&1; then
    echo "helm is missing, and Go too, which could build it: install helm $version or Go." >&2
    exit 1
fi
go install "helm.sh/helm/v3/cmd/helm@$version"
