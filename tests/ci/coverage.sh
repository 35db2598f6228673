#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the unit tests of the instrumented build, and the end-to-end tests of
# what has processes of its own, then demands line coverage.
# usage: coverage.sh ROOT BUILD
set -euo pipefail
root=$1 build=$2
least=90

find "$build" -name '*.gcda' -delete
ctest --test-dir "$build" --output-on-failure -L "unit|e2e" >"$build/tests.log" 2>&1 || {
	tail -n 60 "$build/tests.log"
	echo "tests failed in the instrumented build"
	exit 1
}
failed=0
# The starter's process leaves by _exit, with its counts; every test that
# starts a keeper goes through it.
for folder in evidence policy codec collateral keeper provenance; do
	gcovr --root "$root" --object-directory "$build" \
		--filter "$root/src/$folder/" \
		--exclude "$root/src/keeper/starter.c" --print-summary \
		>"$build/coverage.$folder" 2>"$build/coverage.err" || {
		cat "$build/coverage.err"
		exit 1
	}
	percent=$(sed -n 's/^lines: \([0-9.]*\)%.*/\1/p' "$build/coverage.$folder")
	printf 'src/%-10s %s %% of lines\n' "$folder" "$percent"
	if ! awk -v p="$percent" -v l="$least" 'BEGIN { exit !(p >= l) }'; then
		grep -E '\.c ' "$build/coverage.$folder" || true
		echo "src/$folder is below $least %"
		failed=1
	fi
done
exit "$failed"
