# shellcheck shell=bash disable=SC2154
# Sourced, with $data naming the folder: background programs and the files that remember them. A pid file holds the pid
# and the kernel's start time of the process, so that a number that was given to another program meanwhile is never
# taken for ours.

# started_at PID: clock ticks from boot to the start of the process; the command's name may hold spaces and brackets.
started_at() {
    local stat
    { read -r stat < "/proc/$1/stat"; } 2> /dev/null || return 1
    stat=${stat##*) }
    local -a fields
    read -ra fields <<< "$stat"
    # A zombie has ended; only its parent has not looked.
    [[ ${fields[0]} != Z ]] && printf '%s' "${fields[19]}"
}

# launch NAME COMMAND...: starts it in a session of its own (Ctrl-C must not reach it: we end programs in order), with
# its output in $data/logs/NAME.log; the log of the start before is kept beside it. The caller's lock, file descriptor
# 9, is not handed on.
launch() {
    local name=$1 log=$data/logs/$1.log
    shift
    [[ ! -e $log ]] || mv "$log" "$log.before"
    setsid "$@" < /dev/null > "$log" 2>&1 9>&- &
    printf '%s %s\n' "$!" "$(started_at "$!")" > "$data/pids/$name"
}

# pid_of NAME: the pid of the program that `launch` started, if it is still that program.
pid_of() {
    local pid start
    { read -r pid start < "$data/pids/$1"; } 2> /dev/null || return 1
    [[ $(started_at "$pid") == "$start" ]] && printf '%s' "$pid"
}

# stop NAME: asks, waits up to 20 s, then insists.
stop() {
    local name=$1 pid tries=0
    if pid=$(pid_of "$name"); then
        say "stopping the $name"
        kill -TERM "$pid" 2> /dev/null || true
        while pid_of "$name" > /dev/null; do
            if ((++tries == 200)); then
                say "the $name does not stop; killing it"
                kill -KILL "$pid" 2> /dev/null || true
            fi
            sleep 0.1
        done
    fi
    rm -f "$data/pids/$name"
}

# await NAME SECONDS TEST...: waits until TEST succeeds; fails with the end of the log when the program ends before, or
# takes longer.
await() {
    local name=$1 seconds=$2 begin=$SECONDS told=$SECONDS
    shift 2
    until "$@"; do
        pid_of "$name" > /dev/null || show_log_and_fail "$name" "The $name ended before it was ready."
        ((SECONDS - begin < seconds)) || show_log_and_fail "$name" "The $name was not ready within $seconds s."
        if ((SECONDS - told >= 5)); then
            say "waiting for the $name ($((SECONDS - begin)) s)"
            told=$SECONDS
        fi
        sleep 0.1
    done
}

show_log_and_fail() {
    tail -n 20 "$data/logs/$1.log" >&2 2> /dev/null || true
    fail "$2" "The whole log: $data/logs/$1.log"
}
