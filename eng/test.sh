#!/usr/bin/env bash
# Builds the solution once and runs every test project, one after another: a line each, failures in full, and as the
# last line the sum. Fails when a test failed, when a project crashed or hung, and when nothing ran.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=eng/say.sh
. eng/say.sh

filter=${1:-}
[[ -z $filter || $filter == *[=~]* ]] || filter="FullyQualifiedName~$filter"
need_dotnet
[[ -n ${XUANWU_POSTGRES:-} ]] || eng/postgres.sh install

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

say "building the solution"
dotnet build Xuanwu.sln -v q --nologo > "$results/build.log" 2>&1 < /dev/null || {
    cat "$results/build.log"
    fail "The solution does not build."
}

# counter FILE NAME: a number from the result file's one <Counters …/> element.
counter() { sed -n -E "s/.*<Counters .* ?$2=\"([0-9]+)\".*/\1/p" "$1"; }

passed=0 failed=0 skipped=0
for project in tests/*.Tests; do
    name=$(basename "$project")
    log=$results/$name.log trx=$results/$name.trx
    begin=$SECONDS code=0
    arguments=("$project/bin/Debug/net10.0/$name.dll" --nologo --results-directory "$results"
        --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal"
        --blame-hang --blame-hang-timeout 240s --blame-hang-dump-type none)
    [[ -z $filter ]] || arguments+=(--filter "$filter")
    dotnet test "${arguments[@]}" > "$log" 2>&1 < /dev/null || code=$?

    ran=0 good=0 bad=0 total=0
    if [[ -s $trx ]]; then
        total=$(counter "$trx" total) ran=$(counter "$trx" executed)
        good=$(counter "$trx" passed) bad=$(counter "$trx" failed)
    fi
    line="$name: $good passed, $bad failed"
    ((total == ran)) || line+=", $((total - ran)) skipped"
    if ((code != 0 && bad == 0)); then
        bad=1 line="$name: $good passed, and then it crashed or hung"
    fi
    ((bad == 0)) || cat "$log"
    [[ -n $filter && $total == 0 && $bad == 0 ]] || echo "$line ($((SECONDS - begin)) s)"
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + total - ran))
done

((passed + failed > 0)) || echo "No test ran${filter:+: none matches $filter}."
summary="$passed passed, $failed failed"
((skipped == 0)) || summary+=", $skipped skipped"
echo "$summary"
((failed == 0 && passed > 0))
