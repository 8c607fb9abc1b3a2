#!/usr/bin/env bash
# PostgreSQL for this repository: its binaries, and one instance below a data folder.
#
#   eng/postgres.sh install           installs the binaries when there are none
#   eng/postgres.sh start DIR         starts the instance of DIR, made at the first call
#   eng/postgres.sh stop DIR          stops it
#   eng/postgres.sh connection DIR    prints its connection string
#
# The instance listens on a Unix socket alone, in a folder that only its owner can enter: no port that could be taken,
# no password, and nobody else on the machine can connect.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=eng/say.sh
. eng/say.sh

# The folder of the binaries: Debian 12's version first, then the newest, then the PATH; tests/Xuanwu.Testing does the
# same.
find_binaries() {
    local wanted=${1:-} folder
    for folder in "/usr/lib/postgresql/${wanted:-15}/bin" \
        $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) ${PATH//:/ }; do
        [[ -x $folder/postgres && -x $folder/initdb ]] || continue
        [[ -z $wanted || $("$folder/postgres" --version) =~ " $wanted"[.\ ] ]] || continue
        printf '%s' "$folder"
        return 0
    done
    return 1
}

install_binaries() {
    find_binaries > /dev/null && return
    # The package makes and starts a cluster on port 5432 unless it is told not to; it is not ours to start.
    apt_install "PostgreSQL's packaging" postgresql-common
    as_root sed -i -E 's/^#? *create_main_cluster *=.*/create_main_cluster = false/' \
        /etc/postgresql-common/createcluster.conf
    local package=postgresql
    [[ -z $(apt-cache search --names-only '^postgresql-15$' 2> /dev/null) ]] || package=postgresql-15
    apt_install PostgreSQL "$package"
    find_binaries > /dev/null || fail "PostgreSQL was installed but its binaries are not found in /usr/lib/postgresql."
}

# PostgreSQL refuses to run as root; then it runs as the user that Debian's package makes.
as_owner() {
    # From a folder that this user may read, or every command complains.
    if ((EUID == 0)); then (cd / && exec runuser -u postgres -- "$@"); else "$@"; fi
}

# Sets $home (all of the instance) and $socket (the folder of its socket).
locate() {
    local dir
    dir=$(mkdir -p "$1" && cd "$1" && pwd)
    home=$dir/postgres
    if ((EUID == 0)); then
        id -u postgres > /dev/null 2>&1 \
            || fail "PostgreSQL refuses to run as root, and there is no user postgres." "Run: useradd --system postgres"
        # Below a private folder, such as /root, the user postgres cannot get at its data.
        as_owner test -x "$dir" || home=/var/lib/postgresql/xuanwu-$(cksum <<< "$dir" | cut -d' ' -f1)
    fi
    socket=$home/socket
    # The kernel takes at most 107 bytes for a socket's path.
    ((${#socket} < 88)) || socket=/tmp/xuanwu-postgres-$EUID-$(cksum <<< "$dir" | cut -d' ' -f1)
}

is_running() { as_owner "$bin/pg_ctl" status -D "$home/data" > /dev/null 2>&1; }

initialise() {
    say "making a database cluster in $home"
    mkdir -p "$home"
    chmod 700 "$home"
    ((EUID != 0)) || chown postgres: "$home"
    rm -rf "$home/data.new"
    as_owner "$bin/initdb" -D "$home/data.new" -U postgres --auth=trust -E UTF8 --locale=C.UTF-8 --no-instructions \
        > "$home/initdb.log" 2>&1 || fail "initdb failed." "$(tail -n 5 "$home/initdb.log")"
    echo "include 'xuanwu.conf'" >> "$home/data.new/postgresql.conf"
    # The name says that it is complete.
    mv "$home/data.new" "$home/data"
}

start() {
    install_binaries
    locate "$1"
    bin=$(find_binaries "$(cat "$home/data/PG_VERSION" 2> /dev/null || true)") \
        || fail "$home/data was made by PostgreSQL $(cat "$home/data/PG_VERSION"), whose binaries are not installed." \
            "Install that version, or move the folder away to begin anew."
    [[ -d $home/data ]] || initialise
    is_running && return
    say "starting PostgreSQL"
    mkdir -p "$socket"
    chmod 700 "$socket"
    ((EUID != 0)) || chown postgres: "$socket"
    printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '${socket//\'/\'\'}'" 'max_connections = 200' \
        > "$home/data/xuanwu.conf"
    ((EUID != 0)) || chown postgres: "$home/data/xuanwu.conf"
    as_owner "$bin/pg_ctl" start -D "$home/data" -l "$home/postgres.log" -w -t 120 < /dev/null > /dev/null 2>&1 9>&- \
        || fail "PostgreSQL did not start." "$(tail -n 10 "$home/postgres.log")" "The whole log: $home/postgres.log"
    local exists
    exists=$(query postgres "SELECT 1 FROM pg_database WHERE datname = 'xuanwu'")
    [[ $exists == 1 ]] || query postgres 'CREATE DATABASE xuanwu' > /dev/null
}

query() { as_owner "$bin/psql" -X -At -h "$socket" -U postgres -d "$1" -c "$2"; }

stop() {
    locate "$1"
    [[ -d $home/data ]] || return 0
    bin=$(find_binaries "$(cat "$home/data/PG_VERSION")") || return 0
    is_running || return 0
    say "stopping PostgreSQL"
    as_owner "$bin/pg_ctl" stop -D "$home/data" -m fast -w -t 60 > /dev/null
}

duty=${1:?what to do}
case $duty in
    install) install_binaries ;;
    start) start "$2" ;;
    stop) stop "$2" ;;
    connection) locate "$2" && printf 'Host=%s;Username=postgres;Database=xuanwu\n' "$socket" ;;
    *) fail "$duty is no duty of eng/postgres.sh." ;;
esac
