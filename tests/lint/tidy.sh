#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over src/, with the checks of .clang-tidy.
# usage: tidy.sh ROOT BUILD (configured with clang)
set -euo pipefail
root=$1 build=$2
command -v clang-tidy >/dev/null || exit 77
find "$root/src" -name '*.c' ! -name amd_ca.c -print0 |
	xargs -0 -n 1 -P "$(nproc)" clang-tidy -p "$build" --quiet 2>"$build/tidy.err" ||
	{ grep -v 'warnings generated' "$build/tidy.err" || true; exit 1; }
