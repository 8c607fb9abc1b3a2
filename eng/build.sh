#!/usr/bin/env bash
# eng/build.sh PROJECT...: builds projects in Release and prints a folder with a folder of each in it. The folder is named
# by what the sources were and is never written again: building anew leaves what runs alone, and when nothing has changed
# nothing is built. (Asking MSBuild takes ten times as long as looking at names, sizes and times of the sources.)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=eng/say.sh
. eng/say.sh

need_dotnet
fingerprint() {
    {
        printf '%s\n' "$@"
        find src bench schema eng/ahead.sh Directory.*.props global.json .editorconfig \
            \( -name bin -o -name obj -o -name packages.lock.json \) -prune -o -type f -printf '%p %s %T@\n' | LC_ALL=C sort
    } | cksum | tr ' ' -
}

programs=$PWD/.xuanwu/programs
built=$programs/$(fingerprint "$@")
if [[ ! -d $built ]]; then
    mkdir -p "$programs"
    new=$(mktemp -d "$programs/new.XXXXXX")
    trap 'rm -rf "$new"' EXIT
    for project in "$@"; do
        say "building $(basename "$project")"
        if ! dotnet build "$project" -c Release -v q --nologo > "$new/log" 2>&1 < /dev/null; then
            cat "$new/log" >&2
            fail "$project does not build."
        fi
        cp -R "$project/bin/Release/net10.0" "$new/$(basename "$project")"
        eng/ahead.sh "$new/$(basename "$project")"
    done
    rm -f "$new/log"
    # Sources that changed meanwhile are built the next time.
    mv -T "$new" "$built" 2> /dev/null || [[ -d $built ]]

    # Five are kept, and what still runs.
    find "$programs" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn | tail -n +6 | cut -d' ' -f2- \
        | while read -r old; do
            grep -qsF "$old" /proc/[0-9]*/cmdline || rm -rf "$old"
        done
fi
echo "$built"
