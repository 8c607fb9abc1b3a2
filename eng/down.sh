#!/usr/bin/env bash
# Stops what `up` started, in reverse order, by its own pid files.
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=eng/say.sh
. eng/say.sh
# shellcheck source=eng/processes.sh
. eng/processes.sh

data=.xuanwu
while (($# > 0)); do
    case $1 in
        --data) data=${2:?--data needs a folder} && shift 2 ;;
        *) fail "$1 is not an option of down." "See ./dev.sh help" ;;
    esac
done
[[ $data == /* || $data == .xuanwu ]] || data=$caller/$data
[[ -d $data/pids ]] || { say "nothing was started in $data" && exit 0; }
data=$(cd "$data" && pwd)
exec 9> "$data/pids/lock"
flock -w 90 9 || fail "Another ./dev.sh up is at work on $data." "End it with Ctrl-C."

# An `up` in the foreground that sees its programs end knows by this that it was meant.
rm -f "$data/pids/url"
stop server
stop sandbox
eng/postgres.sh stop "$data"
