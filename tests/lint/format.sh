#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every C file is as clang-format would write it, but for the two tables that
# it cannot lay out.
# usage: format.sh ROOT
set -euo pipefail
cd "$1"
command -v clang-format >/dev/null || exit 77
find src include tests -name '*.[ch]' \
	! -path src/claims/schema.h ! -path src/store/sql.h \
	! -path src/base/result.h ! -path src/collateral/amd_ca.c -print0 |
	xargs -0 clang-format --dry-run -Werror
