#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The guest API in CBOR: same members, same verdicts, answered in kind.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"
make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
start_daemon || exit 1
wait_status /readyz 200 20 || exit 1
vouchsafe key create demo/key demo/other >/dev/null || exit 1
python3 "$(dirname "$0")/cbor.py" "$VS_BIN/vouchsafe" "$TMP/pki" "$PORT"
