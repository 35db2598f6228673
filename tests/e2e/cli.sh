#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The command line without a daemon: usage, appraise, policy check,
# collateral. Exit codes and the shape of --json.
. "$(dirname "$0")/lib.sh"
cd "$TMP" || exit 1

echo "# usage"
exits "--version" 0 vouchsafe --version
has "it says which" out "vouchsafe "
exits "help" 0 vouchsafe help
for verb in appraise policy key audit collateral seal simulate measure provenance; do
  exits "help $verb" 0 vouchsafe help "$verb"
  has "help $verb has a usage line" out "usage: vouchsafe $verb"
done
exits "appraise --help" 0 vouchsafe appraise --help
has "it lists the options" out "--vtpm-quote"
exits "no verb" 2 vouchsafe
exits "an unknown verb" 2 vouchsafe apraise
has "names the nearest" err "vouchsafe appraise"
exits "an unknown command" 2 vouchsafe key creat x
has "names the nearest" err "vouchsafe key create"
exits "an unknown option" 2 vouchsafe appraise --cpuu x
has "names the nearest" err "--cpu?"
exits "a missing command" 2 vouchsafe key
exits "a missing argument" 2 vouchsafe key show
exits "one argument too many" 2 vouchsafe key show a b
exits "no daemon" 4 vouchsafe key list --socket "$TMP/none.sock"
exits "no daemon, as JSON" 4 vouchsafe key list --socket "$TMP/none.sock" --json
has "it has a class" out '"class": "unavailable"'

echo "# the manual"
MAN=$VS_SOURCE/docs/man/vouchsafe.1
missing=0
while read -r name; do
  # Commands of a verb may share an item: allow add | list | show
  grep -Eq "^\\.It Nm Cm ${name% *} ?([a-z]+ \| )*${name#* }\b" "$MAN" ||
    grep -q "^\\.It Nm Cm $name\b" "$MAN" ||
    { echo "     | $name"; missing=$((missing + 1)); }
done < <(vouchsafe help | sed -n 's/^  \([a-z].\{19\}\) .*/\1/p')
same "every verb is in it" "$missing" 0
missing=0
for verb in appraise policy key audit collateral seal simulate measure provenance; do
  for option in $(vouchsafe help "$verb" |
    sed -n 's/^  --\([a-z0-9-]*\).*/\1/p' | sort -u); do
    grep -q "Fl -$option\b" "$MAN" ||
      { echo "     | $verb --$option"; missing=$((missing + 1)); }
  done
done
same "every option is in it" "$missing" 0

echo "# simulate"
exits "simulate pki" 0 vouchsafe simulate pki pki --rsa-bits 2048
exits "simulate pki does not overwrite" 2 vouchsafe simulate pki pki
vouchsafe simulate pki stranger --rsa-bits 2048 >/dev/null
cat >jwk.json <<'END'
{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
"y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}
END
NONCE=$(printf 'ab%.0s' $(seq 32))
exits "simulate evidence" 0 vouchsafe simulate evidence --pki pki \
  --nonce "$NONCE" --recipient jwk.json --out-report r --out-certs c
same "a report has 1184 bytes" "$(stat -c %s r)" 1184
vouchsafe simulate evidence --pki pki --debug --out-report dbg --out-certs c

echo "# appraise"
mkdir anchors
cp pki/ark.pem anchors/lab.pem
LAB=(--trust-anchor anchors/lab.pem)
app() { vouchsafe appraise --cpu r --certs c "$@"; }
exits "an unknown root" 3 app --json
has "is named" out '"code": "chain.untrusted_root"'
has "nothing verified" out '"verified": false'
if grep -q claims out; then bad "claims of unverified evidence"; fi
exits "a named root" 0 app "${LAB[@]}" --json
has "is verified" out '"verified": true'
has "and says that it is simulated" out '"simulated": true'
has "by its name" out '"anchor": "lab"'
has "bound to nothing that was expected" out '"bound": false'
if grep -q verdict out; then bad "a verdict that nobody gave"; fi
exits "for people" 0 app "${LAB[@]}"
has "the claims are listed" out snp.measurement
exits "nonce and recipient" 0 app "${LAB[@]}" --nonce "$NONCE" \
  --recipient jwk.json --json
has "are bound" out '"bound": true'
exits "another nonce" 3 app "${LAB[@]}" --nonce "cd${NONCE:2}" \
  --recipient jwk.json --json
has "is not" out '"code": "bind.report_data"'
exits "a nonce alone" 2 app "${LAB[@]}" --nonce "$NONCE"
exits "a recipient alone" 2 app "${LAB[@]}" --recipient jwk.json
exits "a debug guest without a policy" 1 vouchsafe appraise --cpu dbg \
  --certs c "${LAB[@]}" --json
has "is verified" out '"verified": true'
has "and denied" out '"code": "policy.debug"'
exits "in the future" 3 app "${LAB[@]}" --at 2099-01-01T00:00:00Z --json
has "it has expired" out '"code": "chain.expired"'
exits "before its time" 3 app "${LAB[@]}" --at 2001-01-01T00:00:00Z --json
has "it is not yet valid" out '"code": "chain.not_yet_valid"'
head -c 1183 r >short
exits "a short report" 3 vouchsafe appraise --cpu short --json
has "does not parse" out '"class": "malformed"'
exits "a file that is not there" 2 vouchsafe appraise --cpu none --json
exits "no file" 2 vouchsafe appraise
exits "an unknown kind" 2 vouchsafe appraise --cpu r --kind psp
exits "no CRL where one is required" 3 app "${LAB[@]}" --crl require --json

echo "# revocation"
exits "an empty list" 0 vouchsafe simulate crl --pki pki --out crl1.der
exits "import" 0 vouchsafe collateral import crl1.der --collateral col \
  "${LAB[@]}"
exits "with it a CRL may be required" 0 app "${LAB[@]}" --crl require \
  --collateral col --json
has "it was good" out '"crl": "good"'
exits "import again" 0 vouchsafe collateral import crl1.der \
  --collateral col "${LAB[@]}"
has "it is known" out known
sleep 1
exits "a list that revokes" 0 vouchsafe simulate crl --pki pki \
  --out crl2.der --revoke ask --days 60
exits "it is imported" 0 vouchsafe collateral import crl2.der \
  --collateral col "${LAB[@]}"
same "and replaces the older one" "$(ls col | wc -l)" 1
exits "and revokes" 3 app "${LAB[@]}" --collateral col --json
has "the chain" out '"code": "chain.revoked"'
exits "the older one again" 0 vouchsafe collateral import crl1.der \
  --collateral col "${LAB[@]}"
same "does not come back" "$(ls col | wc -l)" 1
exits "still revoked" 3 app "${LAB[@]}" --collateral col --json
exits "--crl off looks away" 0 app "${LAB[@]}" --collateral col --crl off
vouchsafe simulate crl --pki stranger --out foreign.der
exits "a stranger's list" 3 vouchsafe collateral import foreign.der \
  --collateral col "${LAB[@]}"
same "is not kept" "$(ls col | wc -l)" 1
exits "garbage" 2 vouchsafe collateral import jwk.json --collateral col \
  "${LAB[@]}"
exits "status" 0 vouchsafe collateral status --collateral col "${LAB[@]}"
has "names AMD's roots" out ARK-Turin
has "and the operator's" out lab
exits "status, later" 1 vouchsafe collateral status --collateral col \
  "${LAB[@]}" --at 2099-01-01T00:00:00Z
exits "status as JSON" 0 vouchsafe collateral status --json
has "has days" out days_left

echo "# policy"
policy_for good 'demo/**' "$MEASUREMENT" >good.yaml
exits "a good policy" 0 vouchsafe policy check good.yaml
sed 's/snp.measurement/snp.measurment/' good.yaml >bad.yaml
exits "a misspelt claim" 1 vouchsafe policy check bad.yaml
has "has file, line and column" out "bad.yaml:16:"
has "has the line" out 'snp.measurment =='
has "and a caret" out "^"
exits "as JSON" 1 vouchsafe policy check good.yaml bad.yaml --json
has "with the line" out '"line": 16'
printf 'name: x\nname: y\n' >dup.yaml
exits "a duplicate key" 1 vouchsafe policy check dup.yaml
exits "a policy that is not there" 2 vouchsafe policy check none.yaml
mkdir dir empty && cp good.yaml dir/a.yaml && cp bad.yaml dir/not-one.txt
exits "a directory" 0 vouchsafe policy check dir
has "names its file" out 'dir/a.yaml: ok'
cp bad.yaml dir/b.yml
exits "a directory with a bad one" 1 vouchsafe policy check dir
exits "a directory without policies" 2 vouchsafe policy check empty
exits "policy eval" 0 vouchsafe policy eval '[1, 2].map(x, x * 2)'
same "prints the value" "$(cat out)" "[2, 4]"
echo '{"tee": {"kind": "snp"}}' >claims.json
exits "with claims" 0 vouchsafe policy eval 'tee.kind == "snp"' \
  --claims claims.json --json
has "as JSON" out '"value": true'
exits "an absent claim" 1 vouchsafe policy eval 'tee.kind == "snp"'
has "is an error" out "no_such_field"
exits "a typo" 2 vouchsafe policy eval 'tee.knd == "snp"'
has "names the nearest" err 'did you mean "kind"?'
exits "unchecked" 0 vouchsafe policy eval --unchecked 'type(dyn(1u))'
same "knows types" "$(cat out)" "uint"
exits "unchecked knows no claims" 2 vouchsafe policy eval --unchecked 'a' \
  --claims claims.json
cat >cases.json <<'END'
[{"section": "s", "name": "a", "tier": "must", "expr": "size('\u0000b')",
  "expect": {"value": {"type": "int", "value": "2"}}},
 {"section": "s", "name": "b", "tier": "later", "expr": "1 / 0",
  "expect": {"value": {"type": "int", "value": "2"}}},
 {"section": "s", "name": "c", "tier": "ext", "expr": "1 + x",
  "bindings": {"x": {"type": "int", "value": "2"}},
  "expect": {"deduced_type": "dyn"}, "check_only": true}]
END
conformance() { vouchsafe policy eval --unchecked --conformance cases.json; }
exits "conformance" 1 conformance
same "judges each" "$(jq -c '[.[] | [.name, .pass]]' out)" \
  '[["a",true],["b",false],["c",false]]'
same "says what came" "$(jq -c '.[1:] | map(.got)' out)" \
  '[{"error":"div_by_zero"},{"deduced_type":"int"}]'
echo '[{"name": "n", "section": "s", "expr": 1}]' >bad.json
exits "a malformed case" 1 vouchsafe policy eval --unchecked \
  --conformance bad.json
has "is told" out '"error": "E_CASE"'
sed -i 's/"deduced_type": "dyn"/"deduced_type": "int"/' cases.json
exits "tier later does not fail" 0 conformance
exits "no cases" 2 vouchsafe policy eval --unchecked --conformance claims.json
exits "conformance is unchecked" 2 vouchsafe policy eval \
  --conformance cases.json
exits "bench policy" 0 vouchsafe bench policy --quick --json
# Builds with sanitizers do not count them.
same "a decision allocates nothing" \
  "$(jq '.decision_ns > 0 and (.allocations // 0) == 0' out)" true
exits "bench policy takes no arguments" 2 vouchsafe bench policy now
exits "policy schema" 0 vouchsafe policy schema
has "knows the claims" out snp.tcb.reported.microcode
POL=(--policy good.yaml --key demo/x)
exits "the policy allows" 0 app "${LAB[@]}" "${POL[@]}" --json
has "with a verdict" out '"allow": true'
exits "for people too" 0 app "${LAB[@]}" "${POL[@]}"
has "the verdict" out "verdict: allow"
has "and the rules" out good/measurement
vouchsafe simulate evidence --pki pki --measurement \
  "$(printf '22%.0s' $(seq 48))" --out-report other --out-certs c
exits "another image is denied" 1 vouchsafe appraise --cpu other --certs c \
  "${LAB[@]}" "${POL[@]}" --json
has "by the rule" out '"code": "policy.measurement"'
has "which says why" out "not the image that was approved"
exits "a key that no policy governs" 1 app "${LAB[@]}" --policy good.yaml \
  --key elsewhere/x --json
has "is denied" out '"code": "policy.no_policy"'
exits "a broken policy is bad input" 2 app "${LAB[@]}" --policy bad.yaml \
  --key demo/x --json
exits "a policy without a key" 2 app "${LAB[@]}" --policy good.yaml

finish
