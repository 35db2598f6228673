#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Who may ask the admin API from elsewhere: tokens of an issuer, tokens of
# ours, client certificates; each refusal with its reason.
. "$(dirname "$0")/lib.sh"

command -v openssl >/dev/null || skip "no openssl"
command -v python3 >/dev/null || skip "no python3"
make_pki || exit 1
jwt() { python3 "$VS_SOURCE/tests/e2e/jwt.py" "$@"; }

# ca NAME; signed CA NAME EXTENSIONS: a certificate by it.
ca() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$TMP/$1.key" -out "$TMP/$1.crt" -days 2 -subj "/CN=$1" 2>/dev/null
}
signed() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$TMP/$2.key" -out "$TMP/$2.csr" -subj "/CN=$2" 2>/dev/null &&
    openssl x509 -req -in "$TMP/$2.csr" -CA "$TMP/$1.crt" \
      -CAkey "$TMP/$1.key" -days 1 -out "$TMP/$2.crt" \
      -extfile <(printf '%b' "$3") 2>/dev/null
}
ca ca && ca other && ca clients || exit 1
signed ca broker 'subjectAltName=IP:127.0.0.1' || exit 1
CLIENT='extendedKeyUsage=clientAuth\n'
signed clients auditor "${CLIENT}subjectAltName=DNS:auditor.example" || exit 1
signed clients ops "${CLIENT}subjectAltName=URI:spiffe://corp/ops" || exit 1
signed clients nobody "${CLIENT}subjectAltName=DNS:nobody.example" || exit 1
signed clients server \
  'extendedKeyUsage=serverAuth\nsubjectAltName=DNS:auditor.example' || exit 1
signed other stranger "${CLIENT}subjectAltName=DNS:auditor.example" || exit 1

openssl genrsa -out "$TMP/issuer.pem" 2048 2>/dev/null
openssl genrsa -out "$TMP/evil.pem" 2048 2>/dev/null
openssl rsa -in "$TMP/issuer.pem" -pubout -out "$TMP/issuer.pub" 2>/dev/null
jwt jwks "$TMP/issuer.pem" k1 >"$TMP/jwks.json" || exit 1

ADMIN_PORT=$(free_port)
write_config <<END
admin:
  listen: 127.0.0.1:$ADMIN_PORT
  tls:
    cert: $TMP/broker.crt
    key: $TMP/broker.key
  client_ca: $TMP/clients.crt
  max_body: 4KiB
identities:
  issuers:
    - name: github
      issuer: https://token.actions.githubusercontent.com
      audience: https://broker.example
      jwks: $TMP/jwks.json
  bindings:
    - issuer: github
      claims:
        repository: org/app
        ref: refs/heads/main
      person: release
      roles: [security]
    - issuer: github
      claims: {repository: org/other, ref: "refs/tags/v*"}
      roles: [ci]
      lists: [other]
    - certificate: auditor.example
      roles: [auditor]
    - certificate: "spiffe://corp/*"
      roles: [operator]
END
exits "the configuration is good" 0 "$VS_BIN/vouchsafed" --check \
  --config "$TMP/config.yaml"
start_daemon || exit 1
# The socket is still there.
exits "on the socket, the user" 0 vouchsafe key create demo/key
ADMIN=https://127.0.0.1:$ADMIN_PORT
remote() {
  vouchsafe "$@" --url "$ADMIN" --ca "$TMP/ca.crt"
}
with_jwt() { # HEADER CLAIMS VERB...
  jwt sign "${KEY:-$TMP/issuer.pem}" "$1" "$2" >"$TMP/token" || return 99
  shift 2
  remote "$@" --token-file "$TMP/token"
}
reason() { # WHAT EXIT TEXT COMMAND...
  local what=$1 code=$2 text=$3
  shift 3
  exits "$what" "$code" "$@"
  has "$what: says why" "$TMP/err" "$text"
}

H='{"alg":"RS256","typ":"JWT","kid":"k1"}'
ISS='"iss":"https://token.actions.githubusercontent.com"'
AUD='"aud":"https://broker.example"'
SUB='"sub":"repo:org/app:ref:refs/heads/main","jti":"4711"'
WHERE='"repository":"org/app","ref":"refs/heads/main"'
WHEN='"iat":@0,"nbf":@-5,"exp":@300'
GOOD="{$ISS,$AUD,$SUB,$WHERE,$WHEN}"

exits "nobody gets in without" 1 remote token list
has "nobody: says why" "$TMP/err" "show a token"
exits "a token of the right repository and ref" 0 with_jwt "$H" "$GOOD" \
  token list
reason "its role is not another's" 1 "may not see keys" \
  with_jwt "$H" "$GOOD" key list
reason "wrong repository" 1 "repository is org/evil, not org/app" with_jwt \
  "$H" "{$ISS,$AUD,$SUB,$WHEN,\"repository\":\"org/evil\",\"ref\":\"refs/heads/main\"}" token list
reason "wrong ref" 1 "ref is refs/pull/7/merge" with_jwt \
  "$H" "{$ISS,$AUD,$SUB,$WHEN,\"repository\":\"org/app\",\"ref\":\"refs/pull/7/merge\"}" token list
reason "no ref" 1 "ref is absent" with_jwt \
  "$H" "{$ISS,$AUD,$SUB,$WHEN,\"repository\":\"org/app\"}" token list
reason "expired" 1 "expired" with_jwt \
  "$H" "{$ISS,$AUD,$SUB,$WHERE,\"iat\":@-900,\"exp\":@-100}" token list
reason "not yet" 1 "not valid yet" with_jwt \
  "$H" "{$ISS,$AUD,$SUB,$WHERE,\"nbf\":@100,\"exp\":@300}" token list
reason "for ever" 1 "lives longer" with_jwt \
  "$H" "{$ISS,$AUD,$SUB,$WHERE,\"iat\":@0,\"exp\":@100000}" token list
reason "wrong audience" 1 "another audience" with_jwt \
  "$H" "{$ISS,\"aud\":\"https://else.example\",$SUB,$WHERE,$WHEN}" token list
reason "unknown issuer" 1 "no such issuer" with_jwt \
  "$H" "{\"iss\":\"https://evil.example\",$AUD,$SUB,$WHERE,$WHEN}" token list
reason "unknown key id" 1 "no key of this id" with_jwt \
  '{"alg":"RS256","kid":"k2"}' "$GOOD" token list
reason "alg none" 1 "not none" with_jwt \
  '{"alg":"none","kid":"k1"}' "$GOOD" token list
reason "another algorithm" 1 "this key signs with RS256" with_jwt \
  '{"alg":"RS512","kid":"k1"}' "$GOOD" token list
KEY=$TMP/evil.pem reason "another's key" 1 "signature" with_jwt \
  "$H" "$GOOD" token list
jwt hmac "$TMP/issuer.pub" '{"alg":"HS256","kid":"k1"}' "$GOOD" >"$TMP/token"
reason "HS256 with the public key" 1 "a MAC" remote token list \
  --token-file "$TMP/token"
echo "eyJ.eyJ." >"$TMP/token"
reason "no token at all" 1 "three parts" remote token list \
  --token-file "$TMP/token"
exits "a token is not sent in the clear" 2 vouchsafe token list \
  --url "http://127.0.0.1:$ADMIN_PORT" --token-file "$TMP/token"
exits "a broker that we do not know gets none" 4 vouchsafe token list \
  --url "$ADMIN" --token-file "$TMP/token"

# The environment, as CI jobs have it.
jwt sign "$TMP/issuer.pem" "$H" "$GOOD" >"$TMP/token"
exits "from the environment" 0 env VOUCHSAFE_URL="$ADMIN" \
  VOUCHSAFE_TOKEN="$(cat "$TMP/token")" "$VS_BIN/vouchsafe" token list \
  --ca "$TMP/ca.crt"

# Certificates.
cert() { # NAME VERB...
  local n=$1
  shift
  remote "$@" --cert "$TMP/$n.crt" --cert-key "$TMP/$n.key"
}
exits "a certificate reads" 0 cert auditor audit list
reason "and changes nothing" 1 "may not change keys" \
  cert auditor key create demo/more
exits "another changes keys" 0 cert ops key create demo/more
reason "and no policy" 1 "may not change policies" \
  cert ops policy rollback demo
reason "one that is not bound" 1 "nobody.example" cert nobody audit list
reason "one by a stranger" 1 "NOT trusted" cert stranger audit list
reason "one for servers" 1 "client certificate" cert server audit list

# Tokens of ours.
exits "token create" 0 vouchsafe token create deploy --role ci --list prod \
  --expires 1h --out "$TMP/ours"
same "its file is private" "$(stat -c %a "$TMP/ours")" 600
ID=$(cut -d_ -f2 "$TMP/ours")
reason "token create: ci needs lists" 2 "lists" \
  vouchsafe token create x --role ci
reason "token create: two roles" 2 "operator and security" \
  vouchsafe token create x --role operator --role security
reason "token create: too long" 2 "366 days" \
  vouchsafe token create x --role auditor --expires 400d
exits "it is listed" 0 vouchsafe token list --json
has "with its lists" "$TMP/out" '"prod"'
if grep -q "$(cut -d_ -f3- "$TMP/ours")" "$TMP/out"; then
  bad "the list shows a secret"
else ok "the list shows no secret"; fi
reason "it may add, not see" 1 "may not see the status" \
  remote seal status --token-file "$TMP/ours"
reason "it makes no other" 1 "may not make or revoke" \
  remote token create y --role auditor --token-file "$TMP/ours"
sed 's/.$/x/' "$TMP/ours" >"$TMP/wrong"
cmp -s "$TMP/ours" "$TMP/wrong" && sed 's/.$/y/' "$TMP/ours" >"$TMP/wrong"
reason "a wrong secret" 1 "not one of ours" \
  remote seal status --token-file "$TMP/wrong"
exits "security gives what it has" 0 with_jwt "$H" "$GOOD" \
  token create sec --role security --out "$TMP/sec"
reason "and not what it has not" 1 "may not give the roles operator" \
  with_jwt "$H" "$GOOD" token create op --role operator
reason "and not in the name of another" 1 "another person" \
  with_jwt "$H" "$GOOD" token create p --role auditor --person bob
exits "revoke" 0 vouchsafe token revoke "$ID"
exits "twice, by the token itself" 0 \
  vouchsafe token revoke "$(cat "$TMP/ours")"
unlogged() { ! grep -qF -e "$(cut -d_ -f3- "$TMP/ours")" "$TMP/daemon.log"; }
check "its secret is in no log" unlogged
reason "at once" 1 "revoked" remote seal status --token-file "$TMP/ours"
reason "one that is not there" 2 "no such token" \
  vouchsafe token revoke 0123456789abcdef

LONG=()
for i in $(seq 64); do
  LONG+=(--list "$(printf 'a%.0s' $(seq 64))")
done
exits "a body above the limit" 4 with_jwt "$H" "$GOOD" token create x \
  --role ci "${LONG[@]}"
has "a body above the limit: says why" "$TMP/err" "too large"
exits "on the socket there is another limit" 0 vouchsafe token create x \
  --role ci "${LONG[@]}" --dry-run

# The trail says who, never the token.
exits "audit" 0 vouchsafe audit list --json
has "a token's maker" "$TMP/out" \
  'oidc:github:repo:org/app:ref:refs/heads/main#4711'
has "a certificate" "$TMP/out" 'cert:spiffe://corp/ops'
same "one revocation" \
  "$(grep -c '"token.revoke"' "$TMP/out")" 1
exits "the trail is whole" 0 vouchsafe audit verify
if grep -rqF "$(cut -d_ -f3- "$TMP/ours")" "$TMP/data" "$TMP/daemon.log"; then
  bad "a secret is on disk"
else ok "no secret is on disk"; fi
cut -d. -f3 "$TMP/token" >"$TMP/sig"
if grep -rqFf "$TMP/sig" "$TMP/data" "$TMP/daemon.log"; then
  bad "a token is on disk"
else ok "no token is on disk"; fi

# The issuer changes its keys: the file does, and no restart.
jwt jwks "$TMP/evil.pem" k9 >"$TMP/new.json" && mv "$TMP/new.json" "$TMP/jwks.json"
for _ in $(seq 50); do
  KEY=$TMP/evil.pem with_jwt '{"alg":"RS256","kid":"k9"}' "$GOOD" token list \
    >/dev/null 2>&1 && break
  sleep 0.1
done
KEY=$TMP/evil.pem exits "the new key counts" 0 with_jwt \
  '{"alg":"RS256","kid":"k9"}' "$GOOD" token list
reason "the old one does not" 1 "no key of this id" with_jwt \
  "$H" "$GOOD" token list

echo "# fetching keys"
ISSUER_PORT=$(free_port)
ISSUER=https://127.0.0.1:$ISSUER_PORT/realm
WELL=$TMP/www/realm/.well-known
mkdir -p "$WELL"
python3 "$VS_SOURCE/tests/e2e/jwt.py" serve "$TMP/www" "$TMP/broker.crt" \
  "$TMP/broker.key" "$ISSUER_PORT" >/dev/null 2>&1 &
WWW_PID=$!
extra_cleanup() { kill "$WWW_PID" 2>/dev/null; }
jwt jwks "$TMP/issuer.pem" k1 >"$TMP/www/keys.json"
discovery() { # ISSUER URI
  printf '{"issuer":"%s","jwks_uri":"%s"}' "$1" "$2" \
    >"$WELL/openid-configuration"
}
fetch() {
  vouchsafe token jwks "$ISSUER" --out "$TMP/fetched.json" \
    --ca "$TMP/ca.crt" "$@"
}
for _ in $(seq 50); do
  (exec 3<>"/dev/tcp/127.0.0.1/$ISSUER_PORT") 2>/dev/null && break
  sleep 0.1
done
discovery "$ISSUER" "https://127.0.0.1:$ISSUER_PORT/keys.json"
exits "the keys of an issuer" 0 fetch
check "are in the file" cmp -s "$TMP/www/keys.json" "$TMP/fetched.json"
exits "again" 0 fetch
has "nothing has changed" "$TMP/out" "as before"
exits "an issuer that is not trusted" 4 vouchsafe token jwks "$ISSUER" \
  --out "$TMP/no.json"
echo '{"keys":[{"kty":"oct","k":"AAAA"}]}' >"$TMP/www/keys.json"
reason "keys that verify nothing" 3 "no key in it" fetch
echo '{"keys":[' >"$TMP/www/keys.json"
exits "no keys at all" 2 fetch
exits "the file is as it was" 0 grep -q '"k1"' "$TMP/fetched.json"
discovery "https://evil.example" "https://127.0.0.1:$ISSUER_PORT/keys.json"
reason "one that calls itself otherwise" 3 "calls itself" fetch
discovery "$ISSUER" "http://127.0.0.1:$ISSUER_PORT/keys.json"
reason "keys in the clear" 2 "https" fetch
rm "$WELL/openid-configuration"
reason "no discovery" 4 "404" fetch
reason "an issuer in the clear" 2 "https" vouchsafe token jwks \
  http://127.0.0.1:1 --out "$TMP/no.json"
check "nothing was written" test ! -e "$TMP/no.json"

stop_daemon
same "it ends well" "$DAEMON_STATUS" 0
finish
