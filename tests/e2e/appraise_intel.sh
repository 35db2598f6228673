#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every case, mutation and event log of the Intel DCAP vectors through
# `vouchsafe appraise --json`: result, class, exit code and claims.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"
[ -f "$VECTORS/intel-dcap/manifest.json" ] || skip "no vectors in $VECTORS"

python3 "$(dirname "$0")/appraise_intel.py" "$VS_BIN/vouchsafe" \
  "$VECTORS/intel-dcap" "$TMP"
