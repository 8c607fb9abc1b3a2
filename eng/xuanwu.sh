#!/usr/bin/env bash
# Builds the command line when its sources have changed, and runs it where the caller stands.
set -euo pipefail

programs=$("$(dirname "${BASH_SOURCE[0]}")/build.sh" src/Xuanwu.Cli)
exec dotnet exec "$programs/Xuanwu.Cli/xuanwu.dll" "$@"
