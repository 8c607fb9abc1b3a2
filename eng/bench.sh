#!/usr/bin/env bash
# eng/bench.sh [NAME]: measures in Release, against the limits of the machine in the same run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[[ -n ${XUANWU_POSTGRES:-} ]] || eng/postgres.sh install
eng/build.sh Release bench/Xuanwu.Bench
exec dotnet exec bench/Xuanwu.Bench/bin/Release/net10.0/Xuanwu.Bench.dll "$@"
