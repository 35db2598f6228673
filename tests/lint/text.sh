#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plain text hygiene of every tracked file: licence line, line ends, tabs,
# trailing blanks, final newline, and words that promise work.
# usage: text.sh ROOT
set -euo pipefail
cd "$1"
failed=0
complain() { # what, files
	[ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; failed=1; }
}

mapfile -t files < <(git ls-files 2>/dev/null || true)
if [ "${#files[@]}" -eq 0 ]; then # a tarball has no index
	mapfile -t files < <(find . -type f -not -path './build/*' \
		-not -path './.git/*' | sed 's|^\./||')
fi
# What was deleted but is still in the index is not there to be read.
mapfile -t files < <(for f in "${files[@]}"; do
	if [ -f "$f" ]; then echo "$f"; fi
done)
text=() code=() c=()
for f in "${files[@]}"; do
	case $f in
	*.bin | *.der | *.cbor | LICENSE | tests/fuzz/seeds/*) continue ;;
	*.c | *.h) c+=("$f") code+=("$f") ;;
	*.sh | *.py | *.cmake | *CMakeLists.txt | .ci/run | tests/run | \
		packaging/quickstart) code+=("$f") ;;
	esac
	text+=("$f")
done

complain "carriage returns" "$(grep -lI $'\r' "${text[@]}" || true)"
complain "trailing blanks" \
	"$(grep -nIE '[[:blank:]]+$' "${text[@]}" | head -20 || true)"
complain "no newline at the end" "$(for f in "${text[@]}"; do
	[ -z "$(tail -c1 "$f")" ] || echo "$f"
done)"
complain "no SPDX line at the top" "$(for f in "${code[@]}"; do
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
		echo "$f"
done)"
complain "indented with spaces (tabs of 8)" \
	"$(grep -nE '^ {8}[^\\]*$' "${c[@]}" | head -20 || true)"
complain "longer than 80 columns" "$(for f in "${c[@]}"; do
	expand -t 8 "$f" | awk -v f="$f" 'length > 80 { print f ":" NR }'
done | head -20)"
complain "words that promise work" "$(grep -nE '\b(TO''DO|FIX''ME|XX''X)\b' \
	"${code[@]}" | head -20 || true)"
complain "raw calls that the project's own types replace" "$(grep -nE \
	'\b(strcpy|strcat|strncat|sprintf|vsprintf|atoi|alloca|gets|strtok)\(' \
	"${c[@]}" | head -20 || true)"
echo "${#files[@]} files read"
exit "$failed"
