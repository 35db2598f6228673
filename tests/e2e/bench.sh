#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The benchmark runs, counts every release, and leaves nothing behind. What it
# measures is not judged here.
. "$(dirname "$0")/lib.sh"

number() { grep -o "\"$1\": [0-9]*" "$TMP/out" | grep -o '[0-9]*$'; }

mkdir "$TMP/bench"
for mode in "" --new-connections; do
  # shellcheck disable=SC2086 # nothing or one word
  exits "bench release $mode" 0 vouchsafe bench release --releases 100 \
    --keys 1500 --connections 4 --dir "$TMP/bench" --json $mode
  same "every release was answered" "$(number releases)" 100
  same "all keys were there" "$(number keys)" 1500
  for figure in floor_ns cost_daemon_ns cost_keeper_ns ratio_permille \
    releases_per_second latency_p99_us rss_daemon_bytes rss_keeper_bytes; do
    check "$figure is a number" [ "$(number $figure)" -gt 0 ]
  done
done
same "nothing is left behind" "$(ls "$TMP/bench")" ""

exits "bench unwrap" 0 vouchsafe bench unwrap --samples 2000 --json
same "a batch of 10,000 keys" "$(number batch_keys)" 10000
for figure in batch_ns batch_floor_ns batch_keys_per_second \
  batch_ratio_permille; do
  check "$figure is a number" [ "$(number $figure)" -gt 0 ]
done
for class in dek_tag payload_tag near_tag keys control; do
  has "the timing of $class" "$TMP/out" "\"$class\""
done
# The last one in the output is the control's: it must be seen.
check "a comparison that leaks is told apart" \
  [ "$(sed -n 's/.*"t_milli": *\(-*[0-9]*\).*/\1/p' "$TMP/out" |
    sort -n | tail -n 1)" -gt 10000 ]
check "the bare loop takes time" [ "$(number bare_ns)" -gt 0 ]
check "the core takes time" [ "$(number core_ns)" -gt 0 ]

for tee in tdx snp; do
  exits "bench verify --tee $tee" 0 vouchsafe bench verify --tee $tee --json
  for figure in first_ns verify_ns floor_ns ratio_permille; do
    check "$figure is a number" [ "$(number $figure)" -gt 0 ]
  done
done
exits "bench verify --kind gpu" 0 vouchsafe bench verify --kind gpu --json
for figure in first_ns verify_ns floor_ns ratio_permille wall_ns; do
  check "$figure is a number" [ "$(number $figure)" -gt 0 ]
done
exits "no such TEE" 2 vouchsafe bench verify --tee sev

exits "too many keys" 2 vouchsafe bench release --keys 1000001
exits "no place for the files" 4 vouchsafe bench release --dir /nonexistent
exits "no such benchmark" 2 vouchsafe bench everything
finish
