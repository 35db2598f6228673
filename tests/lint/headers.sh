#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each header compiles alone, twice in one unit, with every warning an error.
# usage: headers.sh ROOT
set -euo pipefail
root=$1
cc=${CC:-gcc}
flags=(-std=c11 -D_GNU_SOURCE -fsyntax-only -Wall -Wextra -Wpedantic -Werror
	-Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wundef
	-Wno-unused-function -I"$root/src" -I"$root/include" -I"$root/tests")
# As the build finds it.
read -ra p11 < <(pkg-config --cflags-only-I p11-kit-1 | sed 's/-I/-isystem /g')
flags+=("${p11[@]}")
failed=0
seen=0
while IFS= read -r header; do
	seen=$((seen + 1))
	if ! printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
		"$cc" "${flags[@]}" -x c -; then
		echo "$header does not compile alone"
		failed=$((failed + 1))
	fi
done < <(find "$root/src" "$root/tests" -name '*.h' | sort)
echo "$seen headers, $failed failed"
[ "$seen" -gt 0 ] && [ "$failed" -eq 0 ]
