#!/usr/bin/env bash
# The one way into this repository for people and pipelines. Each duty is a script in eng/.
set -euo pipefail
eng=$(dirname "${BASH_SOURCE[0]}")/eng

usage() {
    cat <<'TEXT'
Usage: ./dev.sh DUTY

  up [--port N] [--data DIR] [--detach]
                  installs what is missing, starts PostgreSQL, the sandbox cluster and the server
  down [--data DIR]
                  stops what `up` started, and only that
  test [FILTER]   builds and runs every test, or those whose full name contains FILTER
  lint            formatting, shell scripts, house rules
  schema          rewrites the snapshots in schema/
  xuanwu ARGS...  builds and runs the command line: run, check, map, mock
  bench [NAME]    measures against the machine's own limits, in Release

  --port     port of the server on 127.0.0.1; 8080 unless told otherwise
  --data     where databases, logs and pid files go; .xuanwu unless told otherwise
  --detach   returns when the server is ready

With XUANWU_POSTGRES set (Host=…;Database=… or postgres://…) that database is used and none is started.
TEXT
}

duty=${1:-}
case $duty in
    up | down | test | lint | schema | bench | xuanwu) shift && exec "$eng/$duty.sh" "$@" ;;
    help | --help | -h) usage ;;
    *) usage >&2 && exit 2 ;;
esac
