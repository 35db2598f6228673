#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The TPM seal: init, restart, release; a changed PCR keeps it shut and is
# named; a signature over the new values opens it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/libseal.sh"
command -v swtpm >/dev/null || skip "no swtpm"
command -v tpm2_pcrextend >/dev/null || skip "no tpm2-tools"
extra_cleanup() { stop_tpm; }

extend() {
  tpm2_pcrextend "$1:sha256=$(printf 'ab%.0s' $(seq 32))" || exit 1
}

make_pki || exit 1
start_tpm || exit 1
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
  -out "$TMP/signer.pem" 2>/dev/null
openssl pkey -in "$TMP/signer.pem" -pubout -out "$TMP/signer.pub"
tpm_seal() {
  echo "seal:"
  echo "  kind: tpm2"
  echo "  tpm2:"
  echo "    tcti: $TPM2TOOLS_TCTI"
  echo "    pcrs: sha256:7,11"
}
tpm_seal >"$TMP/seal.yaml"
write_config <"$TMP/seal.yaml"
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"

echo "# PCRs alone"
first_start tpm2
if grep -qaF VSSEAL1 "$TMP/data/root.seal"; then bad "a bare root"; else
  ok "the seal's file holds no bare root"
fi
opens "after a restart"
stop_daemon
extend 10
opens "after a change of another PCR"
stop_daemon
extend 11
sealed "after a change of PCR 11" \
  "PCR 11 changed: expected 0000000000000000.., found "
FOUND=$(tpm2_pcrread sha256:11 | sed -n 's/.*11: 0x\(.\{16\}\).*/\1/p' |
  tr A-F a-f)
has "what is found is what the TPM has" "$TMP/out" "found $FOUND"
stop_daemon
stop_tpm
start_tpm || exit 1
opens "after a reset of the machine"
stop_daemon

echo "# another TPM, and none"
mv "$TMP/tpm" "$TMP/tpm.kept"
stop_tpm
start_tpm || exit 1
sealed "in another machine" "not the TPM that this seal was made in"
stop_daemon
stop_tpm
sealed "without a TPM" "no TPM at swtpm:path="
stop_daemon
rm -rf "$TMP/tpm"

echo "# values that somebody signs"
rm -rf "$TMP/data"
start_tpm || exit 1
{
  tpm_seal
  echo "    policy_key: $TMP/signer.pub"
  echo "    policy_sig: $TMP/policy.sig"
} >"$TMP/seal.yaml"
write_config <"$TMP/seal.yaml"
first_start tpm2
opens "no signature is needed for the first values"
stop_daemon
extend 11
sealed "new values that nobody signed" "no signature for them"
stop_daemon
tpm2_pcrread sha256:7,11 >"$TMP/values"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
  -out "$TMP/stranger.pem" 2>/dev/null
exits "a stranger signs" 0 vouchsafe seal sign-policy \
  --key "$TMP/stranger.pem" --values "$TMP/values" --out "$TMP/policy.sig"
sealed "signed by a stranger" "not by the key that this seal was made for"
stop_daemon
rm -f "$TMP/policy.sig"
exits "the signer signs" 0 vouchsafe seal sign-policy \
  --key "$TMP/signer.pem" --values "$TMP/values" --out "$TMP/policy.sig"
opens "with the new values signed"
stop_daemon
extend 7
sealed "with values beyond those" "PCR 7 changed"
stop_daemon
tpm2_pcrread sha256:7,11 >"$TMP/values"
exits "the signer adds a line" 0 vouchsafe seal sign-policy \
  --key "$TMP/signer.pem" --values "$TMP/values" --out "$TMP/policy.sig" --json
same "the file has two" "$(wc -l <"$TMP/policy.sig")" 2
opens "with those signed as well"
stop_daemon
stop_tpm
start_tpm || exit 1
opens "the first values are good for ever"
stop_daemon

echo "# a TPM that takes its time"
mkdir "$TMP/bin"
cp "$VS_BIN/vouchsafed" "$VS_BIN/vouchsafe-keeper" "$TMP/bin/"
cat >"$TMP/bin/vouchsafe-seal" <<END
#!/bin/bash
echo asked >>"$TMP/asked"
if [ -e "$TMP/slow" ]; then rm "$TMP/slow"; sleep 12; fi
exec "$VS_BIN/vouchsafe-seal" "\$@"
END
chmod 755 "$TMP/bin/vouchsafe-seal"
touch "$TMP/slow"
REAL_BIN=$VS_BIN
VS_BIN=$TMP/bin
start_daemon || exit 1
VS_BIN=$REAL_BIN
check "it is waited for" wait_status /readyz 200 20
same "and asked once, and twice for the counter" "$(wc -l <"$TMP/asked")" 3
stop_daemon

echo "# an old database put back"
cp "$TMP/data/vouchsafe.db" "$TMP/old.db"
opens "a start after the copy was made"
stop_daemon
cp "$TMP/data/vouchsafe.db" "$TMP/new.db"
rm -f "$TMP"/data/vouchsafe.db-*
cp "$TMP/old.db" "$TMP/data/vouchsafe.db"
exits "the copy does not serve" 2 \
  timeout 20 "$VS_BIN/vouchsafed" --config "$TMP/config.yaml"
has "and the daemon says why" "$TMP/err" "not the one that was last served here"
has "and what to do" "$TMP/err" "--accept-old-store"
cp "$TMP/new.db" "$TMP/data/vouchsafe.db"
opens "the newest one serves"
stop_daemon
rm -f "$TMP"/data/vouchsafe.db-*
cp "$TMP/old.db" "$TMP/data/vouchsafe.db"
start_daemon --accept-old-store || exit 1
check "the copy serves when an operator says so" wait_status /readyz 200 20
exits "the trail tells" 0 vouchsafe audit list --action store.accept
has "the trail tells" "$TMP/out" store.accept
stop_daemon
opens "and from then on"
stop_daemon

echo "# made by hand, and moved"
rm -rf "$TMP/data"
exits "seal init" 0 vouchsafe seal init --config "$TMP/config.yaml"
has "in the TPM" "$TMP/out" tpm2
exits "not over one that is there" 2 \
  vouchsafe seal init --config "$TMP/config.yaml"
first_start tpm2
exits "out of the TPM" 0 vouchsafe seal migrate \
  --config "$TMP/config.yaml" --seal file
write_config </dev/null
opens "with the file seal"
stop_daemon
tpm_seal >"$TMP/seal.yaml"
exits "into the TPM" 0 vouchsafe seal migrate --data "$TMP/data" --seal tpm2 \
  --tpm2-tcti "$TPM2TOOLS_TCTI" --tpm2-pcrs sha256:7
write_config <"$TMP/seal.yaml"
opens "with the TPM again"
stop_daemon
extend 7
sealed "bound to the new selection" "PCR 7 changed"
stop_daemon

echo "# what sign-policy refuses"
exits "no key" 2 vouchsafe seal sign-policy --values "$TMP/values"
openssl genpkey -algorithm ED25519 -out "$TMP/ed.pem" 2>/dev/null
exits "a key that no TPM takes" 2 vouchsafe seal sign-policy \
  --key "$TMP/ed.pem" --values "$TMP/values"
exits "PCRs that are none" 2 vouchsafe seal sign-policy \
  --key "$TMP/signer.pem" --values "$TMP/values" --pcrs sha256:24
exits "values that are not there" 2 vouchsafe seal sign-policy \
  --key "$TMP/signer.pem" --values "$TMP/values" --pcrs sha256:7,12
has "and says which" "$TMP/err" "PCR 12"

finish
