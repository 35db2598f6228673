#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every case, operation, reference document and set of devices of the NVIDIA
# vectors through `vouchsafe appraise --gpu --json` and `collateral import`.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"
[ -f "$VECTORS/nvidia-gpu/manifest.json" ] || skip "no vectors in $VECTORS"

python3 "$(dirname "$0")/gpu_vectors.py" "$VS_BIN/vouchsafe" \
  "$VECTORS/nvidia-gpu" "$TMP"
