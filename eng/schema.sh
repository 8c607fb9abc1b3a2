#!/usr/bin/env bash
# Rewrites the snapshots in schema/ by running the tests that guard them, and says what changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

XUANWU_UPDATE_SNAPSHOTS=1 eng/test.sh Category=Snapshot
git --no-pager diff --stat -- schema
git ls-files --others --exclude-standard -- schema | sed 's/^/ new: /'
