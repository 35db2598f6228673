#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Keys with a limit, and keys that are derived per epoch and shard.
. "$(dirname "$0")/lib.sh"

make_pki || exit 1
write_config </dev/null
policy_for demo 'demo/**' "$MEASUREMENT" >"$TMP/policies/demo.yaml"
start_daemon || exit 1
check "ready" wait_status /readyz 200 20

get() {
  rm -rf "$TMP/key"
  guest get "$@" --url "$URL" --simulate "$TMP/pki" --wait 5 --out "$TMP/key"
}
digest() { get "$1" >/dev/null 2>&1 && sha256sum <"$TMP/key" | cut -d' ' -f1; }
code_of_last() {
  vouchsafe audit list --action release --limit 1 --json >"$TMP/last"
  json_str "$TMP/last" code
}

echo "# a limit"
exits "a key for two uses" 0 vouchsafe key create demo/twice --max-uses 2
exits "the first" 0 get demo/twice
exits "one that is denied by policy" 1 get demo/twice --sim-debug
exits "the second" 0 get demo/twice
exits "no third" 1 get demo/twice
same "the reason is on record" "$(code_of_last)" key.exhausted
exits "show" 0 vouchsafe key show demo/twice
has "how often" "$TMP/out" "2 of 2"
exits "a new version counts anew" 0 vouchsafe key rotate demo/twice
exits "its first" 0 get demo/twice
exits "the old one stays used up" 1 get demo/twice@1
exits "one more key" 0 vouchsafe key create demo/other
exits "together: both" 0 get demo/twice demo/other
exits "together: none" 1 get demo/twice demo/other

echo "# ten at once for three"
exits "a key for three" 0 vouchsafe key create demo/three --max-uses 3
for i in $(seq 10); do
  (guest get demo/three --url "$URL" --simulate "$TMP/pki" --wait 5 \
    --out "$TMP/three.$i" >/dev/null 2>&1 && touch "$TMP/got.$i") &
done
wait $(jobs -p | grep -v "^$DAEMON_PID$")
same "three have it" "$(ls "$TMP"/got.* 2>/dev/null | wc -l)" 3

echo "# a dataset"
exits "create" 0 vouchsafe key create demo/ds --dataset
exits "a name of derived keys is reserved" 2 \
  vouchsafe key create demo/ds/epoch-1/shard-1
exits "the dataset's own key is not given out" 1 get demo/ds
same "the reason is on record" "$(code_of_last)" key.dataset
S=$(digest demo/ds/epoch-3/shard-17)
check "a shard is" test -n "$S"
same "of 32 bytes" "$(stat -c %s "$TMP/key")" 32
same "the same again" "$(digest demo/ds/epoch-3/shard-17)" "$S"
check "another shard is another key" \
  test "$(digest demo/ds/epoch-3/shard-18)" != "$S"
check "another epoch is another key" \
  test "$(digest demo/ds/epoch-4/shard-17)" != "$S"
exits "a number with leading zeros is no name" 1 get demo/ds/epoch-03/shard-17
exits "policy holds for what is derived" 1 \
  get demo/ds/epoch-3/shard-17 --sim-debug
exits "nor is there one of a key" 1 get demo/other/epoch-3/shard-17
exits "a range" 0 get 'demo/ds/epoch-3/shard-0..999'
same "in one release" \
  "$(sed -n 's/.*release id \([0-9a-f-]*\),.*/\1/p' "$TMP/err" | sort -u | wc -l)" 1
same "a thousand keys" "$(find "$TMP/key" -type f | wc -l)" 1000
same "that all differ" "$(find "$TMP/key" -type f -exec sha256sum {} + |
  cut -d' ' -f1 | sort -u | wc -l)" 1000
same "and are the same as one by one" \
  "$(sha256sum <"$TMP/key/demo/ds/epoch-3/shard-17" | cut -d' ' -f1)" "$S"
exits "a range that makes no sense" 2 get 'demo/ds/epoch-3/shard-9..3'
exits "rotation keeps the old epochs' keys" 0 vouchsafe key rotate demo/ds
same "by number" "$(digest demo/ds/epoch-3/shard-17@1)" "$S"
check "the new version's are others" \
  test "$(digest demo/ds/epoch-3/shard-17)" != "$S"
exits "a rewrap" 0 vouchsafe key rewrap demo
same "carries them along" "$(digest demo/ds/epoch-3/shard-17@1)" "$S"

echo "# closed epochs"
exits "close without an epoch" 2 vouchsafe key close demo/ds
exits "close of a key" 2 vouchsafe key close demo/other --epoch 3
exits "close --dry-run" 0 vouchsafe key close demo/ds --epoch 3 --dry-run
same "has closed nothing" "$(digest demo/ds/epoch-3/shard-17@1)" "$S"
exits "close" 0 vouchsafe key close demo/ds --epoch 3
exits "nothing of it is given out again" 1 get demo/ds/epoch-3/shard-17@1
same "the reason is on record" "$(code_of_last)" key.epoch_closed
exits "nor of the one before" 1 get demo/ds/epoch-2/shard-17
exits "the next one is open" 0 get demo/ds/epoch-4/shard-17
exits "one shard of a closed epoch denies all" 1 \
  get demo/ds/epoch-4/shard-1 demo/ds/epoch-3/shard-1
exits "closing less opens nothing" 0 vouchsafe key close demo/ds --epoch 1
exits "closed it stays" 1 get demo/ds/epoch-3/shard-17
exits "also in a new version" 0 vouchsafe key rotate demo/ds
exits "closed" 1 get demo/ds/epoch-3/shard-17
exits "show" 0 vouchsafe key show demo/ds
has "the first open epoch" "$TMP/out" "from epoch 4 on"

echo "# limits of a dataset"
exits "ten shards" 0 vouchsafe key create demo/ten --dataset --max-uses 10
exits "six" 0 get 'demo/ten/epoch-0/shard-0..5'
exits "not six more" 1 get 'demo/ten/epoch-0/shard-0..5'
exits "but four" 0 get 'demo/ten/epoch-0/shard-0..3'
exits "the audit trail is whole" 0 vouchsafe audit verify
stop_daemon
finish
