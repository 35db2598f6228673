#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Batch, import and shares under memcheck: no report as they are, a report for
# the leak in the middle of each. usage: ct_paths.sh PROGRAM LEAKING-PROGRAM
set -uo pipefail
program=${1:-} leaking=${2:-}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

if [ ! -x "$program" ] || ! command -v valgrind >/dev/null; then
	echo "skipped: needs valgrind and its headers"
	exit 77
fi

# 99 for reports of memcheck, else the program's own status.
run() {
	valgrind -q --error-exitcode=99 --track-origins=no "$@" >"$log" 2>&1
}

run "$program"
status=$?
cat "$log"
if [ "$status" -ne 0 ]; then
	echo "a path depends on a secret, or did not run: status $status"
	exit 1
fi
# The leaking program leaks because of the plant, and of nothing else.
run "$leaking"
status=$?
if [ "$status" -ne 0 ]; then
	cat "$log"
	echo "nothing planted, and status $status"
	exit 1
fi
planted() {
	run "$leaking" --plant "$1"
	status=$?
	if [ "$status" -ne 99 ] || ! grep -q "$2" "$log"; then
		cat "$log"
		echo "a leak in $1 was not reported: status $status"
		exit 1
	fi
	echo "leak in $1: reported"
}
branch='Conditional jump or move depends on uninitialised'
index='Use of uninitialised value'
planted release "$branch"
planted batch "$branch"
planted import "$branch"
planted split "$index"
planted join "$index"
