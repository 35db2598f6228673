#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One fuzz target for FUZZ_SECONDS, from its seeds.
# usage: fuzz.sh ROOT BUILD TARGET
set -euo pipefail
root=$1 build=$2 target=$3
vectors=${VOUCHSAFE_VECTORS:-$root/../shared/vectors}
work=$build/corpus/$target

mkdir -p "$work" "$build/artifacts"
seeds=("$work")
# Real evidence is a seed where it is at hand; it is copied nowhere else.
if [ -d "$vectors/sev-snp" ]; then
	snp=$build/seeds
	(
		flock 9
		[ -d "$snp" ] || "$root/tests/fuzz/seeds_snp" "$vectors" "$snp"
	) 9>"$build/seeds.lock" >/dev/null
	[ -d "$snp/$target" ] && seeds+=("$snp/$target")
fi
if [ -d "$vectors/nvidia-gpu" ]; then
	nv=$build/seeds_nvgpu
	(
		flock 9
		[ -d "$nv" ] || "$root/tests/fuzz/seeds_nvgpu" "$vectors" "$nv"
	) 9>"$build/seeds.lock" >/dev/null
	[ -d "$nv/$target" ] && seeds+=("$nv/$target")
fi
case $target in
*policy_document* | *codec_yaml*) seeds+=("$root/policy") ;;
esac
case $target in
*dcap_quote*) folder=$vectors/intel-dcap/quotes ;;
*dcap_eventlog*) folder=$vectors/intel-dcap/eventlog ;;
*dcap_azure*) folder=$vectors/intel-dcap/azure ;;
*provenance_*) folder=$vectors/provenance ;;
*) folder= ;;
esac
[ -n "$folder" ] && [ -d "$folder" ] && seeds+=("$folder")
[ -d "$root/tests/fuzz/seeds/$target" ] &&
	seeds+=("$root/tests/fuzz/seeds/$target")
exec "$build/tests/$target" -max_total_time="${FUZZ_SECONDS:-30}" \
	-rss_limit_mb=2048 -timeout=20 -verbosity=0 -print_final_stats=1 \
	-artifact_prefix="$build/artifacts/$target-" "${seeds[@]}"
