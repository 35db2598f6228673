#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every route of the server is in docs/openapi.yaml, and the other way round.

usage: routes.py ROOT
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
served = set()
for name in ("guest_api.c", "admin_api.c"):
    text = (root / "src/http" / name).read_text()
    for method, path in re.findall(
            r'[{(]"(GET|POST|PUT|DELETE)", "([^"]+)",\s*\w+[,}]', text):
        served.add((method, path))
keys = (root / "src/http/admin_keys.c").read_text()
verbs = set(re.findall(r'vs_span_is\((?:c->)?verb, "(\w+)"\)', keys))

documented = set()
path = None
for line in (root / "docs/openapi.yaml").read_text().splitlines():
    if line == "components:":
        break
    if m := re.match(r"  (/\S+):$", line):
        path = m.group(1)
    elif (m := re.match(r"    (get|post|put|delete):$", line)) and path:
        documented.add((m.group(1).upper(), path))

failed = 0
want = set()
for method, path in served:
    if path == "/v1/keys/" and method == "GET":
        want.add((method, "/v1/keys/{name}"))
    elif path == "/v1/keys/":
        want |= {(method, "/v1/keys/{name}:" + v) for v in verbs}
    elif path == "/v1/audit/":
        want.add((method, "/v1/audit/{id}"))
    elif path == "/v1/policy-sets/":
        want.add((method, "/v1/policy-sets/{digest}"))
    elif path == "/v1/policies/" and method == "GET":
        want.add((method, "/v1/policies/{name}"))
        want.add((method, "/v1/policies/{name}/versions/{n}"))
    elif path == "/v1/allowlists/" and method == "GET":
        want |= {(method, "/v1/allowlists/" + rest) for rest in (
            "{list}", "{list}/entries", "{list}/entries/{value}")}
    elif path == "/v1/allowlists/":
        want.add((method, "/v1/allowlists/{list}/entries/{value}" +
                  ("" if method == "PUT" else ":revoke")))
    elif path == "/v1/approvals/" and method == "GET":
        want.add((method, "/v1/approvals/{id}"))
    elif path == "/v1/approvals/":
        want |= {(method, "/v1/approvals/{id}:" + v)
                 for v in ("approve", "reject")}
    elif path == "/v1/tokens/":
        want.add((method, "/v1/tokens/{id}:revoke"))
    elif path == "/v1/policies/":
        want.add((method, "/v1/policies/{name}:rollback"))
    else:
        want.add((method, path))
for what, rest in (("not in openapi.yaml", want - documented),
                   ("not served", documented - want)):
    for method, path in sorted(rest):
        print(f"{method} {path}: {what}")
        failed += 1
print(f"{len(want)} routes, {failed} differences")
sys.exit(1 if failed or not want or not verbs else 0)
