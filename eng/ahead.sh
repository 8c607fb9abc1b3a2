#!/usr/bin/env bash
# eng/ahead.sh FOLDER: compiles the assemblies in FOLDER to machine code, in place, so that what runs from there starts in
# half the time. Without the compiler (a NuGet package that cannot be had, another system) they stay as they are.
set -euo pipefail
folder=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=eng/say.sh
. eng/say.sh

need_dotnet
compiler=$(dotnet msbuild eng/crossgen.csproj -restore -t:PrintCompiler -v:m -nologo 2>&1 < /dev/null \
    | sed -n 's/^ *crossgen2=//p') || true
if [[ ! -x $compiler ]]; then
    say "the ahead-of-time compiler cannot be had: what is built here works, and starts more slowly"
    exit 0
fi

# shared NAME: the folder of the newest runtime of this version of .NET.
shared() {
    dotnet --list-runtimes | sed -n "s/^$1 \(10\.[^ ]*\) \[\(.*\)\]$/\2\/\1/p" | sort -V | tail -n 1
}

references=(-r "$(shared Microsoft.NETCore.App)/*.dll" -r "$(shared Microsoft.AspNetCore.App)/*.dll" -r "$folder/*.dll")
compiled=$(mktemp -d)
trap 'rm -rf "$compiled"' EXIT
for assembly in "$folder"/*.dll; do
    # What is no managed assembly, or is compiled already, is left alone.
    "$compiler" "$assembly" -o "$compiled/$(basename "$assembly")" "${references[@]}" -O > /dev/null 2>&1 || true
done
find "$compiled" -name '*.dll' -size +0 -exec cp -t "$folder" {} +
