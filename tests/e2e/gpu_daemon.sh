#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Reference documents in the daemon's collateral: imported, loaded, verified
# again, and no XML library in the daemon for it.
. "$(dirname "$0")/lib.sh"

RIMS=$VECTORS/nvidia-gpu/rims
[ -d "$RIMS" ] || skip "no vectors in $VECTORS"

echo "# no XML in the daemon"
for program in vouchsafed vouchsafe-keeper vouchsafe-guest; do
  if ldd "$VS_BIN/$program" | grep -E 'libxml|libxslt'; then
    bad "$program loads an XML library"
  else
    ok "$program loads no XML library"
  fi
done

make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
exits "import" 0 vouchsafe collateral import --collateral "$TMP/collateral" \
  --trust-anchor "$TMP/pki/ark.pem" \
  "$RIMS"/NV_GPU_DRIVER_GH100_545.00.xml \
  "$RIMS"/NV_GPU_VBIOS_1010_0200_882_96005E0001.issue-a.xml
has "by its id" "$TMP/out" NV_GPU_VBIOS_1010_0200_882_96005E0001
exits "again" 0 vouchsafe collateral import --collateral "$TMP/collateral" \
  --trust-anchor "$TMP/pki/ark.pem" "$RIMS"/NV_GPU_DRIVER_GH100_545.00.xml
has "known already" "$TMP/out" "known already"
cp "$RIMS"/NV_GPU_VBIOS_1010_0200_882_96005E0001.issue-a.xml "$TMP/rim.xml"
exits "a VBIOS without its board" 2 vouchsafe collateral import \
  --collateral "$TMP/other" "$TMP/rim.xml"
has "says what the name must be" "$TMP/err" NV_GPU_VBIOS_PROJECT

echo "# in the daemon"
exits "--check takes them" 0 \
  "$VS_BIN/vouchsafed" --config "$TMP/config.yaml" --check
start_daemon || exit 1
check "expired signers of one firmware do not stop the others" \
  wait_status /readyz 200 20
stop_daemon
# The last octets are of the root's signature.
rim=$(ls "$TMP"/collateral/rim-*5E0001*.rim)
size=$(stat -c %s "$rim")
printf '\377' | dd of="$rim" bs=1 seek=$((size - 9)) conv=notrunc 2>/dev/null
exits "a damaged table is refused" 3 \
  "$VS_BIN/vouchsafed" --config "$TMP/config.yaml" --check
finish
