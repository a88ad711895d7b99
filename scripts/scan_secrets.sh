#!/usr/bin/env bash
# Fails on files that seem to contain a secret; a false positive is marked by the comment
# "pragma: allowlist secret" at the end of its line. Secrets are not verified against any service.
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/detect-secrets-hook --no-verify \
    --exclude-files '(^|/)(uv\.lock|go\.sum)$|^tests/deployment/golden/' "$@"
