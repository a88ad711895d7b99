#!/usr/bin/env bash
# Installs kube-apiserver and etcd into Go's folder if they are missing, so that the tests can install
# the chart into a real Kubernetes API. Debian has no package of either, so both are built from
# their Go modules, in the versions of kube/go.mod; this takes nine minutes on one core.
set -euo pipefail
cd "$(dirname "$0")/kube"
if ! command -v go >/dev/null 2>&1; then
    echo "Go is required to build kube-apiserver and etcd, and is missing." >&2
    exit 1
fi
folder="$(go env GOPATH)/bin"

built() { # name package linker-flags
    [ -x "$folder/$1" ] || go build -mod=readonly -ldflags "-s -w $3" -o "$folder/$1" "$2"
}

version="$(go list -m -f '{{.Version}}' k8s.io/kubernetes)"
IFS=. read -r major minor _ <<<"${version#v}"
# Without these flags the server reports no version, and helm rejects it as too old.
stamp="k8s.io/component-base/version"
built etcd go.etcd.io/etcd/server/v3 ""
built kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver \
    "-X $stamp.gitVersion=$version -X $stamp.gitMajor=$major -X $stamp.gitMinor=$minor"
