#!/usr/bin/env bash
# Installs the programs that tests start in addition to Python and Java: databases, Prometheus, a
# browser and helm. A program that cannot be installed is reported with the reason, and the tests that
# need it are skipped. The tests of the chart build kube-apiserver (install_kube_apiserver.sh).
set -euo pipefail
cd "$(dirname "$0")"

packages=()
needed() { # command package...
    command -v "$1" >/dev/null 2>&1 || packages+=("${@:2}")
}
left_out() { # programs reason
    echo "Skipping the tests of $1: $2." >&2
}

command -v chromium-browser >/dev/null 2>&1 || needed chromium chromium fonts-dejavu-core
needed redis-server redis-server
needed promtool prometheus
needed amtool prometheus-alertmanager
# Debian keeps the servers of each version in a folder of its own.
compgen -G "/usr/lib/postgresql/*/bin/postgres" >/dev/null || needed postgres postgresql
if [ "${#packages[@]}" -gt 0 ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        left_out "${packages[*]}" "apt-get is missing; install them with your package manager"
    elif [ "$(id -u)" -ne 0 ]; then
        left_out "${packages[*]}" "root is required: sudo apt-get install ${packages[*]}"
    elif ! { apt-get update -qq &&
        apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >/dev/null; then
        left_out "${packages[*]}" "apt-get failed"
    fi
fi

./install_chart_tools.sh || left_out "helm" "it could not be installed"
for program in kube-apiserver etcd; do
    command -v go "$program" "$HOME/go/bin/$program" >/dev/null 2>&1 ||
        left_out "$program" "Go is required to build it, and is missing"
done
