#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Policies against the JSON Schema that editors use.

usage: schema.py SCHEMA POLICY...

Every policy fits it; each of them with one thing wrong does not.
Exit code 77 without the modules for it.
"""
import copy
import json
import sys

try:
    import jsonschema
    import yaml
except ImportError:
    sys.exit(77)


class Loader(yaml.SafeLoader):
    """Times stay text, as in YAML 1.2."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, rx) for tag, rx in rules if not tag.endswith(":timestamp")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def broken(doc):
    """Copies of a policy with one thing wrong in each."""

    def change(what, function):
        other = copy.deepcopy(doc)
        function(other)
        return what, other

    yield change("another version", lambda d: d.update(apiVersion="policy/v2"))
    yield change("a name in capitals", lambda d: d.update(name="NAME"))
    yield change("version 0", lambda d: d.update(version=0))
    yield change("an unknown key", lambda d: d.update(rule=[]))
    yield change("no tee", lambda d: d.pop("tee"))
    yield change("an unknown tee", lambda d: d["tee"].append("snq"))
    yield change("an unknown mode", lambda d: d.update(mode="audit"))
    yield change("no rules", lambda d: d.update(rules=[]))
    yield change("a rule without an id", lambda d: d["rules"][0].pop("id"))
    yield change("a typo in a rule", lambda d: d["rules"][0].update(asert="x"))
    yield change("a severity", lambda d: d["rules"][0].update(severity="bad"))
    yield change(
        "a waiver without a reason",
        lambda d: d.update(waive=[{"check": "tcb", "until": "2027"}]),
    )
    for what, claims in (
        ("a misspelt claim", {"snp": {"measurment": "00"}}),
        ("a claim of another type", {"tee": {"debug": "no"}}),
        ("a misspelt claim of a GPU", {"gpus": [{"arhc": "hopper"}]}),
        ("too many GPUs", {"gpus": [{}] * 17}),
    ):
        test = {"name": "t", "claims": claims, "expect": "deny"}
        yield change(what, lambda d, test=test: d.update(tests=[test]))


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failed = 0
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as f:
            doc = yaml.load(f, Loader)
        for error in validator.iter_errors(doc):
            print(f"{path}: {list(error.path)}: {error.message}")
            failed += 1
        for what, other in broken(doc):
            if validator.is_valid(other):
                print(f"{path}: {what} fits the schema")
                failed += 1
    sys.exit(1 if failed else 0)


main()
