#!/usr/bin/env bash
# Puts kube-apiserver and etcd into Go's folder where they are missing, so that the tests can install
# the chart into a real Kubernetes API. Debian has no package of either, so both are built from
# their Go modules, in the versions of kube/go.mod: nine minutes of one core, once a machine.
set -euo pipefail
cd "$(dirname "$0")/kube"
if ! command -v go >/dev/null 2>&1; then
    echo "Go is missing, which builds kube-apiserver and etcd." >&2
    exit 1
fi
folder="$(go env GOPATH)/bin"

built() { # name package linker-flags
    [ -x "$folder/$1" ] || go build -mod=readonly -ldflags "-s -w $3" -o "$folder/$1" "$2"
}

version="$(go list -m -f '{{.Version}}' k8s.io/kubernetes)"
IFS=. read -r major minor _ <<<"${version#v}"
# Without these the server does not know its own version, and helm refuses it as too old.
stamp="k8s.io/component-base/version"
built etcd go.etcd.io/etcd/server/v3 ""
built kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver \
    "-X $stamp.gitVersion=$version -X $stamp.gitMajor=$major -X $stamp.gitMinor=$minor"
