#!/usr/bin/env bash
# eng/graphiql.sh [DIR]: fetches GraphiQL and what it stands on from the npm registry into DIR, .xuanwu/graphiql by
# default, and prints the folder. The server shows it at /graphql to browsers; from then on it needs no network.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=eng/say.sh
. eng/say.sh

# The last releases that come as finished scripts; later ones have to be bundled.
files=(
    graphiql@3.9.0:graphiql.min.js
    graphiql@3.9.0:graphiql.min.css
    react@18.3.1:umd/react.production.min.js
    react-dom@18.3.1:umd/react-dom.production.min.js
    graphql-ws@5.16.2:umd/graphql-ws.min.js
)

folder=$(mkdir -p "${1:-.xuanwu/graphiql}" && cd "${1:-.xuanwu/graphiql}" && pwd)
missing=0
for file in "${files[@]}"; do [[ -s $folder/${file##*[:/]} ]] || missing=1; done
if ((missing)); then
    command -v npm > /dev/null || fail "npm is not installed." "Without it the server shows a plain page in GraphiQL's place."
    say "fetching GraphiQL"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    for file in "${files[@]}"; do
        package=${file%%:*} path=${file#*:}
        [[ -d $work/$package ]] || {
            mkdir -p "$work/$package"
            archive=$(cd "$work" && npm pack --silent "$package" | tail -n 1)
            tar -xzf "$work/$archive" -C "$work/$package"
        }
        cp "$work/$package/package/$path" "$folder/${path##*/}"
    done
fi
echo "$folder"
