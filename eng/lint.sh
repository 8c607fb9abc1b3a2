#!/usr/bin/env bash
# What a reviewer should not have to say: layout of the code, shell scripts, and the house rules that a pattern can
# check. All findings are printed, as file:line, before it fails. Code style is the build's: there warnings are errors.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=eng/say.sh
. eng/say.sh

findings=0
# forbid RULE PATTERN GLOB...: no tracked or new file may match; Perl's patterns, over characters rather than bytes.
forbid() {
    local rule=$1 pattern=$2 text
    shift 2
    text=$(git ls-files -z --cached --others --exclude-standard -- "$@" \
        | LC_ALL=C.UTF-8 xargs -0 -r grep -HnIP -- "$pattern" 2> /dev/null || true)
    [[ -n $text ]] || return 0
    printf '%s:\n%s\n' "$rule" "$text"
    findings=1
}

need_dotnet
command -v shellcheck > /dev/null || apt_install shellcheck shellcheck

say "shell scripts"
shellcheck -x dev.sh eng/*.sh .ci/run || findings=1

say "house rules"
forbid "Trailing white space" '[ \t]+$' '*' ':!*.md' ':!*.sln'
forbid "Line ends of another system" '\r$' '*' ':!*.sln'
limit=$(sed -n "s/^max_line_length = //p" .editorconfig)
forbid "Over $limit columns" "^.{$((limit + 1)),}" "*.cs" "*.sh"
# In pieces, so that these lines are not findings themselves.
forbid "Paths of one machine" '(?<![\w.~$}-])/(work/''main|home/''\w+/|root/''\w|Users/''\w|tmp/''h/)' '*'
forbid "Tests that sleep; wait for a signal with a limit" '\bThread\.Sleep\(|\bTask\.Delay\(' 'tests/*.cs'
# Flink's JobManager and TaskManager and Relay's PageInfo keep their names.
words='Manager|Helper|Util|Utils|Base|Impl|Common|Info|Data'
forbid "Names that say nothing" \
    '^(?:\w+ )*(?:class|struct|record|interface|enum) (?!PageInfo|\w*(?:Job|Task)Manager)\w*(?:'"$words"')(?=[A-Z<(: ;]|$)' \
    'src/*.cs' 'tests/*.cs' 'bench/*.cs'

say "layout of the code"
timeout 300 dotnet format whitespace . --folder --verify-no-changes --include src/ tests/ bench/ < /dev/null \
    || findings=1

((findings == 0)) || fail "lint found something; see above."
say "nothing found"
