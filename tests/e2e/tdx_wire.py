# SPDX-License-Identifier: Apache-2.0
"""TDX evidence that no honest client would send, to the guest listener.

usage: tdx_wire.py VOUCHSAFE PKI PORT
"""
import json
import sys

from wire import (OTHER_RECIPIENT, RECIPIENT, Forger, b64, challenge, post,
                  unb64)

PORT = int(sys.argv[3])
FORGER = Forger(sys.argv[1], sys.argv[2])
KEY = "demo/key"
failed = 0


def check(what, good, detail=""):
    global failed
    failed += not good
    print("%s %s%s" % ("ok  " if good else "FAIL", what,
                       "" if good else ": %s" % (detail,)), flush=True)


def body(**kw):
    return FORGER.body(challenge(PORT), [KEY], **kw)


def release(b):
    return post(PORT, "/v1/release", b)


def refused(what, b, status, cls):
    a = release(b)
    kind = a.json().get("type", "").rsplit(":", 1)[-1]
    check(what, (a.status, kind) == (status, cls),
          (a.status, a.headers, a.body[:300]))
    face = a.json()
    face.pop("instance", None)
    return face


def with_report(change):
    b = body()
    b["evidence"]["cpu"]["report"] = b64(
        change(unb64(b["evidence"]["cpu"]["report"])))
    return b


def flip(at):
    return lambda q: q[:at] + bytes([q[at] ^ 1]) + q[at + 1:]


check("an honest TD gets its key", release(body()).status == 200)
first = body()
refused("a quote bound to another nonce", dict(first, nonce=challenge(PORT)),
        403, "unverified")
refused("a quote bound to another key",
        body(recipient=OTHER_RECIPIENT, bound_to=RECIPIENT), 403, "unverified")
check("the evidence itself is good", release(first).status == 200)
refused("and works once", first, 401, "stale")

faces = [
    refused("MRTD changed", with_report(flip(48 + 136)), 403, "unverified"),
    refused("DEBUG set", with_report(flip(48 + 120)), 403, "unverified"),
    refused("quote signature changed", with_report(flip(48 + 584 + 4)), 403,
            "unverified"),
    refused("attestation key changed", with_report(flip(48 + 584 + 4 + 64)),
            403, "unverified"),
    refused("QE report changed", with_report(flip(48 + 584 + 4 + 134)), 403,
            "unverified"),
    refused("another enclave as QE", body(extra=["--td", "foreign-qe"]), 403,
            "unverified"),
]
check("all of them look the same to the guest",
      all(f == faces[0] for f in faces), faces)
refused("a truncated quote", with_report(lambda q: q[:700]), 400, "malformed")
refused("an empty quote", with_report(lambda q: b""), 400, "malformed")
refused("version 6", with_report(lambda q: b"\6" + q[1:]), 400, "malformed")
check("zeros behind the quote change nothing",
      release(with_report(lambda q: q + bytes(300))).status == 200)

b = body()
b["evidence"]["cpu"]["kind"] = "snp"
refused("a quote that is called a report", b, 400, "malformed")
b = body()
b["evidence"]["event_log"] = b64(b"no event log at all")
refused("an event log that is none", b, 400, "malformed")
b = body()
b["evidence"]["event_log"] = ""
refused("an empty event log", b, 400, "malformed")
denied = refused("a debug TD", body(extra=["--debug"]), 403, "denied")
check("the rule stays with the broker", "no-debug" not in json.dumps(denied),
      denied)
sys.exit(1 if failed else 0)
