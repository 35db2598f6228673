# SPDX-License-Identifier: Apache-2.0
"""A machine with GPUs on the wire: the binding computed here, and requests
that no honest client would send.

usage: gpu_wire.py VOUCHSAFE PKI PORT KEY
"""
import base64
import copy
import hashlib
import json
import os
import subprocess
import sys
import tempfile

from wire import RECIPIENT, b64, challenge, post, unb64

TOOL, PKI, PORT, KEY = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
BYTES = {"nonce", "x", "y", "report", "certs"}
failed = 0


def check(what, good, detail=""):
    global failed
    failed += not good
    print("%s %s%s" % ("ok  " if good else "FAIL", what,
                       "" if good else ": %s" % (detail,)), flush=True)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def thumbprint(jwk):
    """RFC 7638: the required members, sorted, without spaces."""
    return sha256(json.dumps({k: jwk[k] for k in ("crv", "kty", "x", "y")},
                             sort_keys=True, separators=(",", ":")).encode())


def run(*args):
    subprocess.run([TOOL, "simulate", "evidence", "--pki", PKI, *args],
                   check=True, capture_output=True, timeout=60)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def devices(gpu_nonce, tmp):
    """Evidence of all, GPUs and switches, as the request has them."""
    out = os.path.join(tmp, "gpus.json")
    run("--report-data", "00" * 64, "--gpu-nonce", gpu_nonce.hex(),
        "--out-gpus", out, "--out-report", os.path.join(tmp, "unused"))
    gpus, switches = [], []
    for d in json.loads(read(out)):
        one = {"report": b64(base64.b64decode(d["evidence"])),
               "certs": b64(base64.b64decode(d["certificate"]))}
        if d["arch"] == "LS10":
            switches.append(one)
        else:
            gpus.append(dict(one, cc_state="on"))
    return gpus, switches


def digest(gpus, switches):
    parts = []
    for d in gpus + switches:
        parts += [sha256(unb64(d["report"])), sha256(unb64(d["certs"]))]
        if "cc_state" in d:
            parts.append(sha256(b"vouchsafe/v1 cc-state\0",
                                d["cc_state"].encode()))
    return sha256(*parts) if parts else bytes(32)


def body(change=None):
    """change: what is done to the devices before the CPU names them."""
    nonce = challenge(PORT)
    who = thumbprint(RECIPIENT)
    gpu_nonce = sha256(b"vouchsafe/v1 gpu\0", unb64(nonce), who)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(PKI)) as tmp:
        gpus, switches = devices(gpu_nonce, tmp)
        if change is not None:
            gpus, switches = change(gpus, switches)
        data = hashlib.sha512(
            b"vouchsafe/v1 report-data\0" + unb64(nonce) + who +
            digest(gpus, switches)).hexdigest()
        report, certs = (os.path.join(tmp, n) for n in ("r", "c"))
        run("--report-data", data, "--out-report", report, "--out-certs",
            certs)
        cpu = {"kind": "snp", "report": b64(read(report)),
               "certs": b64(read(certs))}
    return {"nonce": nonce, "recipient": RECIPIENT,
            "evidence": {"cpu": cpu, "gpus": gpus, "switches": switches},
            "keys": [{"name": KEY}]}


def cbor(v, key=None):
    def head(major, n):
        if n < 24:
            return bytes([major << 5 | n])
        size = 1 if n < 256 else 2 if n < 65536 else 4
        return (bytes([major << 5 | {1: 24, 2: 25, 4: 26}[size]]) +
                n.to_bytes(size, "big"))
    if isinstance(v, int):
        return head(0, v)
    if isinstance(v, str):
        raw = unb64(v) if key in BYTES else v.encode()
        return head(2 if key in BYTES else 3, len(raw)) + raw
    if isinstance(v, list):
        return head(4, len(v)) + b"".join(cbor(x) for x in v)
    return head(5, len(v)) + b"".join(
        cbor(k) + cbor(x, k) for k, x in v.items())


def answered(what, b, status, cls=None):
    a = post(PORT, "/v1/release", b)
    kind = a.json().get("type", "").rsplit(":", 1)[-1]
    check(what, a.status == status and (cls is None or kind == cls),
          (a.status, a.body[:300]))
    face = a.json()
    face.pop("instance", None)
    return face


def spoilt(change):
    """Changed on the way, after the CPU named the devices."""
    b = copy.deepcopy(body())
    change(b["evidence"])
    return b


def flip(member, at):
    def change(e):
        raw = bytearray(unb64(e["gpus"][3][member]))
        raw[at] ^= 1
        e["gpus"][3][member] = b64(bytes(raw))
    return change


answered("the binding computed here is the broker's", body(), 200)
a = post(PORT, "/v1/release", cbor(body()), content_type="application/cbor")
check("and in CBOR", a.status == 200 and
      a.headers["content-type"] == "application/cbor",
      (a.status, a.body[:200]))

faces = [answered(what, spoilt(change), 403, "unverified") for what, change in (
    ("a report changed on the way", flip("report", 100)),
    ("certificates changed on the way", flip("certs", 100)),
    ("a GPU taken out", lambda e: e["gpus"].pop()),
    ("a switch taken out", lambda e: e["switches"].pop()),
    ("all switches taken out", lambda e: e.pop("switches")),
    ("all devices taken out",
     lambda e: (e.pop("gpus"), e.pop("switches"))),
    ("a GPU twice", lambda e: e["gpus"].append(e["gpus"][0])),
    ("two exchanged", lambda e: e["gpus"].reverse()),
    ("a cc_state left out", lambda e: e["gpus"][0].pop("cc_state")),
    ("a cc_state changed", lambda e: e["gpus"][0].update(cc_state="off")),
    ("a switch called a GPU",
     lambda e: e["gpus"].append(e["switches"].pop(0))),
)]
faces += [answered(what, body(change), 403, "unverified") for what, change in (
    ("a GPU that the guest sends twice",
     lambda g, s: (g + [g[0]], s)),
    ("a GPU that the guest puts among the switches",
     lambda g, s: (g[:7], s + [{k: g[7][k] for k in ("report", "certs")}])),
    ("a switch that the guest puts among the GPUs",
     lambda g, s: (g + [s[0]], s[1:])),
    ("a GPU that the guest leaves out", lambda g, s: (g[:7], s)),
    ("a switch that the guest leaves out", lambda g, s: (g, s[:3])),
    ("certificates of another GPU",
     lambda g, s: ([dict(g[0], certs=g[1]["certs"])] + g[1:], s)),
)]
check("all of them look the same to the guest",
      all(f == faces[0] for f in faces), faces)
answered("a report that is none", body(
    lambda g, s: ([dict(g[0], report=b64(b"x" * 400))] + g[1:], s)),
         400, "malformed")

for what, change in (
        ("no GPU in the list", lambda e: e.update(gpus=[], switches=[])),
        ("switches alone", lambda e: e.pop("gpus")),
        ("seventeen GPUs", lambda e: e.update(gpus=[e["gpus"][0]] * 17)),
        ("nine switches",
         lambda e: e.update(switches=[e["switches"][0]] * 9)),
        ("a cc_state that is none",
         lambda e: e["gpus"][0].update(cc_state="ON")),
        ("a cc_state of a switch",
         lambda e: e["switches"][0].update(cc_state="on")),
        ("a member that nobody knows",
         lambda e: e["gpus"][0].update(uuid="GPU-1")),
        ("a GPU without certificates", lambda e: e["gpus"][0].pop("certs")),
        ("GPUs that are no list",
         lambda e: e.update(gpus=e["gpus"][0]))):
    answered(what, spoilt(change), 400, "malformed")
sys.exit(1 if failed else 0)
