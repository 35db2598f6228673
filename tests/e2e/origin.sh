#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Where an image comes from and what it will measure: provenance verify and
# measure, on files that openssl made, and on real ones.
. "$(dirname "$0")/lib.sh"
cd "$TMP" || exit 1

echo "# an envelope by key"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem \
  2>/dev/null
openssl pkey -in key.pem -pubout -out key.pub
openssl genpkey -algorithm ed25519 -out other.pem
openssl pkey -in other.pem -pubout -out other.pub
printf 'the image' >image
DIGEST=$(sha256sum image | cut -d' ' -f1)
REPO=https://git.example/acme/model
statement() { # PREDICATE-TYPE PREDICATE
  printf '{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":' >s
  printf '"registry.example/model","digest":{"sha256":"%s"}}],' "$DIGEST" >>s
  printf '"predicateType":"%s","predicate":%s}' "$1" "$2" >>s
}
envelope() { # KEY TYPE
  printf 'DSSEv1 %d %s %d ' "${#2}" "$2" "$(stat -c %s s)" >pae
  cat s >>pae
  openssl dgst -sha256 -sign "$1" -out sig pae
  printf '{"payloadType":"%s","payload":"%s","signatures":[{"sig":"%s"}]}' \
    "$2" "$(base64 -w0 s)" "$(base64 -w0 sig)" >envelope.json
}
PREDICATE='{"buildDefinition":{"buildType":"https://ci.example/t","externalParameters":{},
"resolvedDependencies":[{"uri":"git+'$REPO'@refs/tags/v1","digest":{"gitCommit":"abc"}}]},
"runDetails":{"builder":{"id":"https://ci.example/builder"}}}'
statement https://slsa.dev/provenance/v1 "$PREDICATE"
envelope key.pem application/vnd.in-toto+json
verify() { vouchsafe provenance verify envelope.json --no-log "$@"; }
exits "it verifies" 0 verify --key key.pub --digest "sha256:$DIGEST" \
  --source-uri "$REPO" --source-ref 'refs/tags/*' \
  --builder 'https://ci.example/*=3' --min-level 3
has "it says the level" out "SLSA build level 3"
has "it says the source" out "$REPO"
exits "by the artifact" 0 verify --key key.pub --artifact image --json
has "as JSON" out '"verified": true'
has "who signed" out '"identity": "key:'
exits "one of two keys" 0 verify --key other.pub --key key.pub --artifact image
exits "another key" 3 verify --key other.pub --artifact image --json
has "its code" out '"code": "bad-signature"'
printf 'another image' >image2
exits "another artifact" 1 verify --key key.pub --artifact image2 --json
has "its code" out '"code": "policy-denied.subject"'
exits "another repository" 1 verify --key key.pub --artifact image \
  --source-uri "$REPO-x"
exits "a lower level" 1 verify --key key.pub --artifact image --min-level 2
exits "a log is demanded" 3 vouchsafe provenance verify envelope.json \
  --key key.pub --artifact image
exits "nothing is trusted" 2 verify --artifact image
exits "no digest" 2 verify --key key.pub
exits "a bad digest" 2 verify --key key.pub --digest sha256:12
sed 's/"payload":"./"payload":"A/' envelope.json >cut.json
exits "an altered payload" 3 vouchsafe provenance verify cut.json --no-log \
  --key key.pub --artifact image
statement https://example/other '{}'
envelope key.pem application/vnd.in-toto+json
exits "another predicate" 1 verify --key key.pub --artifact image
exits "any predicate" 0 verify --key key.pub --artifact image --any-predicate
has "it proves no level" out "SLSA build level 0"

echo "# measure"
exits "without firmware" 2 vouchsafe measure snp --vcpus 1 --vcpu-type EPYC-v4
exits "not a firmware" 2 vouchsafe measure snp --ovmf image --vcpus 1 \
  --vcpu-type EPYC-v4
exits "an unknown CPU" 2 vouchsafe measure snp --ovmf image --vcpus 1 \
  --vcpu-type EPYC-Genua
has "the nearest" err "EPYC-Genoa"
exits "no log" 2 vouchsafe measure tdx

if [ -d "$VECTORS/provenance" ]; then
  echo "# real files"
  P=$VECTORS/provenance
  real() {
    vouchsafe provenance verify "$P/slsa-v1-reusable-workflow.sigstore.json" \
      --trusted-root "$P/trusted_root.public-good.json" --digest \
      sha256:49a3aa6075e0f49f82843e74b5baa614ad2a588e6675612bf108a0a008c5ac25 \
      --issuer https://token.actions.githubusercontent.com "$@"
  }
  exits "GitHub's provenance" 0 real \
    --identity 'https://github.com/github/artifact-attestations-workflows/**' \
    --source-uri https://github.com/malancas/attest-demo --min-level 2
  has "keyless" out "keyless"
  exits "another identity" 1 real \
    --identity 'https://github.com/malancas/**' --json
  has "its code" out '"code": "policy-denied.identity"'
  exits "no identity" 1 real
  M=$VECTORS/sev-snp/measure/ovmf_AmdSev_suffix.bin
  : >empty
  exits "a published digest" 0 vouchsafe measure snp --ovmf "$M" --vcpus 1 \
    --vcpu-type EPYC-v4 --kernel empty --initrd empty --guest-features 21 \
    --append 'console=ttyS0 loglevel=7'
  has "bit for bit" out 803f691094946e42068aaa3a8f9e26a5c89f36f7b73ecfb28c653360fe4b3aba7e534442e7e1e17895dfe778d0228977
fi
finish
