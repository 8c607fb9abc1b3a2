#!/usr/bin/env bash
# shellcheck disable=SC2317 # functions are called by traps and by await
# Starts PostgreSQL, the sandbox cluster and the server; see ./dev.sh help. What runs already is left running.
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=eng/say.sh
. eng/say.sh
# shellcheck source=eng/processes.sh
. eng/processes.sh
# shellcheck source=eng/ports.sh
. eng/ports.sh

port=8080 data=.xuanwu detach=0
while (($# > 0)); do
    case $1 in
        --port) port=${2:?--port needs a number} && shift 2 ;;
        --data) data=${2:?--data needs a folder} && shift 2 ;;
        --detach) detach=1 && shift ;;
        *) fail "$1 is not an option of up." "See ./dev.sh help" ;;
    esac
done
if [[ ! $port =~ ^[0-9]{1,5}$ ]] || ((port < 1 || port > 65535)); then
    fail "--port $port is not a port." "Give 1 to 65535."
fi
[[ $data == /* || $data == .xuanwu ]] || data=$caller/$data
mkdir -p "$data"/{logs,pids,ports}
data=$(cd "$data" && pwd)
exec 9> "$data/pids/lock"
flock -n 9 || fail "Another ./dev.sh up or down is at work on $data." "Wait for it, or give another folder with --data."

if pid_of server > /dev/null; then
    say "the server runs already"
    cat "$data/pids/url"
    exit 0
fi

given_database=0
[[ -z ${XUANWU_POSTGRES:-} ]] || given_database=1

stop_all() {
    trap '' INT TERM
    stop server
    stop sandbox
    ((given_database)) || eng/postgres.sh stop "$data"
    rm -f "$data/pids/url"
}

# Until the server is ready every way out of here stops what was started; after that only a signal does.
trap 'stop_all' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

! is_listening "$port" \
    || fail "Port $port is taken by $(listener_on "$port")." "Stop it, or give another: ./dev.sh up --port N"
need_dotnet

# Compilers stay for the next build; they must not keep our lock.
programs=$(eng/build.sh src/Xuanwu.Sandbox src/Xuanwu.Server 9>&-)

kubeconfig=$data/sandbox/kubeconfig
api_port=$(remembered_port sandbox-api)
ingress_port=$(remembered_port sandbox-ingress)
sandbox_answers() { is_listening "$api_port" && is_listening "$ingress_port" && [[ -s $kubeconfig ]]; }
if ! pid_of sandbox > /dev/null; then
    for taken in "$api_port" "$ingress_port"; do
        ! is_listening "$taken" \
            || fail "Port $taken, the sandbox cluster's since its first start, is taken by $(listener_on "$taken")." \
                "Stop that program, or begin anew with another folder: ./dev.sh up --data DIR"
    done
    say "starting the sandbox cluster"
    mkdir -p "$data/sandbox"
    launch sandbox dotnet exec "$programs/Xuanwu.Sandbox/Xuanwu.Sandbox.dll" \
        --data "$data/sandbox" --api-port "$api_port" --ingress-port "$ingress_port" --kubeconfig "$kubeconfig"
fi

# While the sandbox starts.
if ((given_database)); then
    say "using the database that XUANWU_POSTGRES names"
else
    eng/postgres.sh start "$data" 9>&-
    XUANWU_POSTGRES=$(eng/postgres.sh connection "$data")
fi

await sandbox 30 sandbox_answers

# For browsers at /graphql; without it they get a plain page.
eng/graphiql.sh "$data/graphiql" > "$data/logs/graphiql.log" 2>&1 9>&- &
export XUANWU_GRAPHIQL=$data/graphiql

say "starting the server"
# By the environment: a command line, with its passwords, can be read by everybody.
export XUANWU_POSTGRES XUANWU_PORT=$port XUANWU_SANDBOX_KUBECONFIG=$kubeconfig XUANWU_SANDBOX_INGRESS_PORT=$ingress_port
unset XUANWU_LISTEN # it would win over the port
launch server dotnet exec "$programs/Xuanwu.Server/Xuanwu.Server.dll"
await server 60 answers_ok "$port" /readyz

url=http://127.0.0.1:$port/graphql
echo "$url" > "$data/pids/url"
trap - EXIT
exec 9>&-

cat <<TEXT

Xuanwu is ready: $url

  The cluster it runs jobs on is a sandbox: it speaks the protocols of Kubernetes and Flink, and no record flows.
  Try first (README.md goes on from there):

  curl -s $url -H 'Content-Type: application/json' \\
    -d '{"query":"{ clusters(first: 5) { nodes { id name flinkVersions { version } } } }"}'

TEXT
if ((detach)); then
    down="./dev.sh down"
    [[ $data == "$PWD/.xuanwu" ]] || down+=" --data $data"
    say "logs in $data/logs; $down stops it"
    exit 0
fi

say "logs in $data/logs; Ctrl-C stops it"
trap 'stop_all; exit 0' INT TERM
# Not `wait`: what an earlier `up` left running is no child of ours.
while pid_of server > /dev/null && pid_of sandbox > /dev/null; do sleep 0.5; done
if [[ ! -e $data/pids/url ]]; then
    say "stopped by ./dev.sh down"
    exit 0
fi
ended=server
if pid_of server > /dev/null; then ended=sandbox; fi
trap 'stop_all' EXIT
show_log_and_fail "$ended" "The $ended ended by itself."
