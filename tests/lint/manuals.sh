#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The man pages are well-formed, and every configuration key has its entry.
# usage: manuals.sh ROOT
set -euo pipefail
cd "$1"
command -v mandoc >/dev/null || exit 77
failed=0
for page in docs/man/*.[1-8]; do
	mandoc -T lint -W warning "$page" || failed=1
done
keys=$(sed -n 's/^ *{"\([a-z_.]*\)", [A-Z_]*,.*/\1/p' src/broker/config.c)
[ -n "$keys" ] || { echo "no keys found in config.c"; exit 1; }
for key in $keys; do
	grep -qw -- "${key##*.}" docs/man/vouchsafed.conf.5 || {
		echo "vouchsafed.conf.5 does not mention $key"
		failed=1
	}
done
exit "$failed"
