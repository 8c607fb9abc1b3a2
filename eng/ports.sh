# shellcheck shell=bash disable=SC2154
# Sourced, with $data naming the folder: loopback ports, by what /proc and bash offer, as a bare machine has neither ss
# nor curl.

# is_listening PORT: somebody listens there, on whatever address.
is_listening() { [[ -n $(socket_inode "$1") ]]; }

socket_inode() {
    awk -v port="$(printf ':%04X' "$1")" \
        '$4 == "0A" && substr($2, length($2) - 4) == port { print $10; exit }' /proc/net/tcp /proc/net/tcp6 2> /dev/null
}

# listener_on PORT: "name (pid N)", or "another user's program" when /proc does not say.
listener_on() {
    local fd pid
    fd=$(find /proc/[0-9]*/fd -lname "socket:\[$(socket_inode "$1")\]" 2> /dev/null | head -n 1) || true
    pid=${fd#/proc/}
    pid=${pid%%/*}
    if [[ -n $pid ]]; then
        printf '%s (pid %s)' "$(tr '\0' ' ' < "/proc/$pid/cmdline" | cut -c1-60 | sed 's/ *$//')" "$pid"
    else
        printf "another user's program"
    fi
}

# remembered_port NAME: the port that $data/ports/NAME holds; at the first call a free one is chosen. Addresses end up
# in the journal, so that they must stay what they are from start to start.
remembered_port() {
    local file="$data/ports/$1" port
    if [[ ! -s $file ]]; then
        # Below the range that the kernel gives to outgoing connections.
        until port=$((20000 + RANDOM % 12000)) && ! is_listening "$port"; do :; done
        echo "$port" > "$file"
    fi
    cat "$file"
}

# http_get PORT PATH: status line, headers and body; fails when nobody answers within 5 s.
http_get() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    timeout 5 bash -c '
        exec 3<> "/dev/tcp/127.0.0.1/$1"
        printf "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n" "$2" "$1" >&3
        cat <&3' http_get "$1" "$2" 2> /dev/null
}

# answers_ok PORT PATH
answers_ok() { [[ $(http_get "$1" "$2") == "HTTP/1.1 200"* ]]; }
