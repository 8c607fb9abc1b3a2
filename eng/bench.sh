#!/usr/bin/env bash
# eng/bench.sh [NAME]: measures in Release, against the limits of the machine in the same run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[[ -n ${XUANWU_POSTGRES:-} ]] || eng/postgres.sh install
programs=$(eng/build.sh bench/Xuanwu.Bench)
exec dotnet exec "$programs/Xuanwu.Bench/Xuanwu.Bench.dll" "$@"
