#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# policy schema: the page of claims is the one of docs/, and the JSON Schema
# for editors takes the policies that come along, and nothing broken.
. "$(dirname "$0")/lib.sh"
cd "$TMP" || exit 1

exits "as a page" 0 vouchsafe policy schema --markdown
check "docs/claims.md is that page" cmp out "$VS_SOURCE/docs/claims.md"
exits "as JSON" 0 vouchsafe policy schema --json
same "knows GPUs" "$(jq -r '.claims[] | select(.path == "gpus[].arch") | .type' out)" string
exits "as a JSON Schema" 0 vouchsafe policy schema --document
cp out schema.json
same "of policies" "$(jq -r .title schema.json)" "Vouchsafe policy"
python3 "$VS_SOURCE/tests/e2e/schema.py" schema.json "$VS_SOURCE"/policy/*.yaml
code=$?
if [ "$code" -eq 77 ]; then
  echo "no python modules jsonschema and yaml: not validated"
else
  same "it fits the policies, and no broken ones" "$code" 0
fi
finish
