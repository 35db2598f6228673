# SPDX-License-Identifier: Apache-2.0
"""A guest that speaks CBOR.

usage: cbor.py VOUCHSAFE PKI PORT
"""
import re
import sys

from wire import Connection, Forger, b64, post, unb64

PORT = int(sys.argv[3])
FORGER = Forger(sys.argv[1], sys.argv[2])
CBOR = "application/cbor"
# What JSON carries as base64url.
BYTES = {"nonce", "x", "y", "report", "certs", "event_log"}
failed = 0
checks = 0


def check(what, good, detail=""):
    global failed, checks
    checks += 1
    if not good:
        failed += 1
    print("%s %s%s" % ("ok  " if good else "FAIL", what,
                       "" if good else ": %s" % (detail,)), flush=True)


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if n < 1 << 8 * size:
            return bytes([major << 5 | info]) + n.to_bytes(size, "big")
    raise ValueError(n)


def dumps(v, key=None, as_text=False):
    if isinstance(v, int):
        return head(0, v)
    if isinstance(v, str):
        raw = key in BYTES and not as_text
        data = unb64(v) if raw else v.encode()
        return head(2 if raw else 3, len(data)) + data
    if isinstance(v, list):
        return head(4, len(v)) + b"".join(
            dumps(x, None, as_text) for x in v)
    return head(5, len(v)) + b"".join(
        dumps(k) + dumps(x, k, as_text) for k, x in v.items())


def loads(data):
    """A map of text to text, bytes and whole numbers, to its last byte."""
    def item(at):
        major, n = data[at] >> 5, data[at] & 31
        at += 1
        if n >= 24:
            size = 1 << (n - 24)
            n = int.from_bytes(data[at:at + size], "big")
            at += size
        if major == 0:
            return n, at
        if major == 2:
            return data[at:at + n], at + n
        if major == 3:
            return data[at:at + n].decode(), at + n
        if major != 5:
            raise ValueError("major type %d" % major)
        out = {}
        for _ in range(n):
            k, at = item(at)
            out[k], at = item(at)
        return out, at
    v, end = item(0)
    if end != len(data):
        raise ValueError("trailing bytes")
    return v


def challenge():
    return b64(loads(post(PORT, "/v1/challenge", b"",
                          content_type=CBOR).body)["nonce"])


def fresh():
    return FORGER.body(challenge(), ["demo/key", "demo/other"])


def malformed(what, body, says):
    a = post(PORT, "/v1/release", body, content_type=CBOR)
    p = a.json()
    check(what, a.status == 400 and p["type"].endswith(":malformed")
          and a.headers["content-type"] == "application/problem+json"
          and says in p["detail"], (a.status, a.body[:300]))


a = post(PORT, "/v1/challenge", b"", content_type=CBOR)
c = loads(a.body)
check("a challenge in CBOR", a.status == 200
      and a.headers["content-type"] == CBOR and set(c) == {
          "nonce", "expires_in"} and len(c["nonce"]) == 32
      and c["expires_in"] == 300, (a.status, a.body))

for what, as_text in (("bytes", False), ("base64url text", True)):
    a = post(PORT, "/v1/release", dumps(fresh(), None, as_text),
             content_type=CBOR)
    good = a.status == 200 and a.headers["content-type"] == CBOR
    r = loads(a.body) if good else {}
    check("a release in CBOR, of " + what, good and set(r) == {
        "release_id", "sealed"} and re.fullmatch(
            r"[0-9a-f-]{36}", r["release_id"]) and
        r["sealed"].count(".") == 4, (a.status, a.body[:300]))

a = post(PORT, "/v1/release", fresh())
check("JSON is still answered in JSON", a.status == 200 and
      a.headers["content-type"] == "application/json" and "sealed" in a.json(),
      (a.status, a.body[:300]))

spent = dumps(fresh())
conn = Connection(PORT)
first = conn.post("/v1/release", spent, CBOR)
second = conn.post("/v1/release", spent, CBOR)
check("a nonce is spent once", first.status == 200 and second.status == 401
      and second.headers["content-type"] == "application/problem+json",
      (first.status, second.status, second.body[:200]))

other = fresh()
other["keys"] = [{"name": "nobody/key"}]
a = post(PORT, "/v1/release", dumps(other), content_type=CBOR)
check("what no policy allows is denied", a.status == 403 and
      a.json()["type"].endswith(":denied"), (a.status, a.body[:300]))

body = dumps(fresh())
conn = Connection(PORT)
wrong = [n for n in range(0, len(body), 7) if conn.post(
    "/v1/release", body[:n], CBOR).status != 400]
check("no truncation is taken", not wrong, wrong[:5])
malformed("a byte behind it", body + b"\0", "bytes behind the value")
malformed("a name that stands twice",
          b"\xa2\x65nonce\x40\x65nonce\x40", "stands twice")
malformed("a count beyond the body", b"\x9a\x08\0\0\0", "ends too early")
malformed("no end of nesting", b"\x81" * 100000, "nested too deep")
malformed("indefinite length", b"\xbf\xff", "indefinite")
malformed("a long head", b"\xb8\x01\x61a\x01", "longer than it need be")
malformed("no map", b"\x80", "must be an object")
bad = fresh()
bad["extra"] = 1
malformed("an unknown member", dumps(bad), "extra")
bad = fresh()
bad["keys"][1]["name"] = 7
malformed("a member of the wrong type", dumps(bad), "keys[1].name")

a = post(PORT, "/v1/release", body, content_type="application/cbor-seq")
check("a type that only begins like it", a.status == 415, a.status)
a = post(PORT, "/v1/release", body, content_type="Application/CBOR; x=y")
check("a type with a parameter, in any case", a.status == 200, a.status)

print("%d checks, %d failed" % (checks, failed))
sys.exit(1 if failed or not checks else 0)
