#!/usr/bin/env bash
# Packages the chart into a folder that a web server can publish for `helm repo add`, and writes an
# index of all charts in the folder.
# Usage: scripts/package_chart.sh FOLDER URL
set -euo pipefail
folder=$1 url=$2
cd "$(dirname "$0")/.."
helm=${HELM:-helm}
mkdir -p "$folder"
"$helm" package helm/igniteflow --destination "$folder"
"$helm" repo index "$folder" --url "$url"
