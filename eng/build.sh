#!/usr/bin/env bash
# eng/build.sh CONFIGURATION PROJECT...: builds projects unless nothing has changed since it last did. Asking MSBuild
# takes ten times as long as looking at the names, sizes and times of the sources.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=eng/say.sh
. eng/say.sh

configuration=${1:?a configuration}
shift
need_dotnet

fingerprint() {
    find src bench schema Directory.*.props global.json .editorconfig \
        \( -name bin -o -name obj \) -prune -o -type f -printf '%p %s %T@\n' | LC_ALL=C sort | cksum
}

stamp=.xuanwu/built/$configuration-$(printf '%s\n' "$@" | cksum | cut -d' ' -f1)
before=$(fingerprint)
built=1
for project in "$@"; do
    [[ -f $project/bin/$configuration/net10.0/$(basename "$project").dll ]] || built=0
done
((built)) && [[ $(cat "$stamp" 2> /dev/null) == "$before" ]] && exit 0

mkdir -p "$(dirname "$stamp")"
for project in "$@"; do
    say "building $(basename "$project") ($configuration)"
    log=$(mktemp)
    if ! dotnet build "$project" -c "$configuration" -v q --nologo > "$log" 2>&1 < /dev/null; then
        cat "$log" >&2
        rm -f "$log"
        fail "$project does not build."
    fi
    rm -f "$log"
done
# Taken before the build: what changed meanwhile is built the next time. (Restoring may touch a lock file.)
echo "$before" > "$stamp"
