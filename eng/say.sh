# shellcheck shell=bash
# Sourced: how every script speaks. Progress goes to stderr, results to stdout.

say() { printf '· %s\n' "$*" >&2; }

# fail SENTENCE...: what is wrong, then what to do, a line each.
fail() {
    printf '✗ %s\n' "$1" >&2
    shift
    (($# == 0)) || printf '  %s\n' "$@" >&2
    exit 1
}

# as_root COMMAND...: runs it as root, or returns 1 when there is no way to become root.
as_root() {
    if ((EUID == 0)); then
        "$@"
    elif ! command -v sudo > /dev/null; then
        return 1
    elif [[ -t 0 ]]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

# apt_install WHY PACKAGE...: installs Debian packages without asking anything.
apt_install() {
    local why=$1
    shift
    command -v apt-get > /dev/null || fail "$why is needed and there is no apt-get here." "Install it: $*"
    say "installing $why (Debian packages: $*)"
    local log
    log=$(mktemp)
    # Package lists may be missing or old; a fresh list is asked for only when the first try fails.
    if ! as_root_apt install "$@" > "$log" 2>&1 \
        && ! { as_root_apt update && as_root_apt install "$@"; } > "$log" 2>&1 < /dev/null; then
        tail -n 15 "$log" >&2
        rm -f "$log"
        fail "$why could not be installed." "As root: apt-get install $*"
    fi
    rm -f "$log"
}

as_root_apt() {
    local verb=$1
    shift
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
        --no-install-recommends "$verb" "$@"
}

need_dotnet() {
    command -v dotnet > /dev/null \
        || fail "The .NET 10 SDK is needed and dotnet is not on the PATH." "See https://dotnet.microsoft.com/download"
    export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
    dotnet --version > /dev/null 2>&1 \
        || fail "The installed .NET SDK is not the one that global.json asks for (10.0)." \
            "See https://dotnet.microsoft.com/download, then: dotnet --list-sdks"
}
