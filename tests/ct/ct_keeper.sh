#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The core under memcheck: no report when it runs as it is, a report for each
# planted dependence on a secret. usage: ct_keeper.sh PROGRAM
set -uo pipefail
program=${1:-}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

if [ ! -x "$program" ] || ! command -v valgrind >/dev/null; then
	echo "skipped: needs valgrind and its headers"
	exit 77
fi

# 99 for reports of memcheck, else the program's own status.
run() {
	valgrind -q --error-exitcode=99 --track-origins=no \
		"$program" "$@" >"$log" 2>&1
}

run
status=$?
cat "$log"
if [ "$status" -ne 0 ]; then
	echo "the core depends on a secret, or did not run: status $status"
	exit 1
fi
planted() {
	run --plant "$1"
	status=$?
	if [ "$status" -ne 99 ] || ! grep -q "$2" "$log"; then
		cat "$log"
		echo "a planted $1 was not reported: status $status"
		exit 1
	fi
	echo "planted $1: reported"
}
planted branch 'Conditional jump or move depends on uninitialised'
planted index 'Use of uninitialised value'
