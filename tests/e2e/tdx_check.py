# SPDX-License-Identifier: Apache-2.0
"""Verifies a simulated quote and its collateral with openssl and arithmetic
of its own: nothing of the project's code.

usage: tdx_check.py PKI COLLATERAL QUOTE REPORT_DATA_HEX
Prints one line per check; exits 1 when one fails.
"""
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile

PKI, COLLATERAL, QUOTE, REPORT_DATA = sys.argv[1:5]
TMP = tempfile.mkdtemp()
failed = 0


def check(what, good, detail=""):
    global failed
    failed += not good
    print("%s %s%s" % ("ok  " if good else "FAIL", what,
                       "" if good else ": %s" % (detail,)), flush=True)


def put(name, data):
    path = os.path.join(TMP, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


def read(*parts):
    with open(os.path.join(*parts), "rb") as f:
        return f.read()


def openssl(*args):
    r = subprocess.run(("openssl",) + args, capture_output=True)
    return r.returncode == 0, (r.stdout + r.stderr).decode(errors="replace")


def der_int(raw):
    raw = raw.lstrip(b"\0") or b"\0"
    if raw[0] & 0x80:
        raw = b"\0" + raw
    return b"\x02" + bytes([len(raw)]) + raw


def verify(what, pub, message, sig):
    body = der_int(sig[:32]) + der_int(sig[32:])
    s = put("sig", b"\x30" + bytes([len(body)]) + body)
    m = put("msg", message)
    check(what, *openssl("dgst", "-sha256", "-verify", pub, "-signature", s, m))


def public_key(cert):
    ok, text = openssl("x509", "-in", cert, "-noout", "-pubkey")
    check("public key of %s" % os.path.basename(cert), ok, text)
    return put(os.path.basename(cert) + ".pub", text.encode())


def point_key(xy):
    der = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703"
                        "420004") + xy
    path = put("ak.der", der)
    out = os.path.join(TMP, "ak.pem")
    check("attestation key", *openssl("pkey", "-pubin", "-inform", "DER",
                                      "-in", path, "-pubout", "-out", out))
    return out


def chains():
    crls = b""
    for name in ("root-crl.der", "pck-crl.der"):
        ok, text = openssl("crl", "-inform", "DER", "-in",
                           os.path.join(COLLATERAL, name))
        check(name, ok, text)
        crls += text.encode()
    crls = put("crls.pem", crls)
    for leaf, ca in (("pck", "ca"), ("signing", None)):
        args = ["verify", "-x509_strict", "-crl_check_all", "-CRLfile", crls,
                "-CAfile", os.path.join(PKI, "root.pem")]
        if ca:
            args += ["-untrusted", os.path.join(PKI, ca + ".pem")]
        check("chain of %s" % leaf,
              *openssl(*args, os.path.join(PKI, leaf + ".pem")))


def statement(name, member):
    text = read(COLLATERAL, name)
    doc = json.loads(text)
    head = b'{"%s":' % member.encode()
    tail = b',"signature":"%s"}' % doc["signature"].encode()
    check(name + " has its usual shape",
          text.startswith(head) and text.endswith(tail))
    verify(name + " is signed", public_key(os.path.join(PKI, "signing.pem")),
           text[len(head):-len(tail)], bytes.fromhex(doc["signature"]))
    return doc[member]


def quote(info, identity):
    q = read(QUOTE)
    version, key_type, tee = struct.unpack("<HHI", q[:8])
    check("header", version in (4, 5) and key_type == 2 and tee == 0x81)
    start, size = 48, 584
    if version == 5:
        kind, size = struct.unpack("<HI", q[48:54])
        start = 54
        check("body type", (kind, size) in ((2, 584), (3, 648)), (kind, size))
    body, end = q[start:start + size], start + size
    check("report data", body[520:584].hex() == REPORT_DATA)
    length, = struct.unpack("<I", q[end:end + 4])
    sig = q[end + 4:]
    check("length", len(sig) == length, (len(sig), length))
    ak, (outer, inner) = sig[64:128], struct.unpack("<HI", sig[128:134])
    check("certification", outer == 6 and len(sig) == 134 + inner)
    verify("quote is signed", point_key(ak), q[:end], sig[:64])
    qe, qe_sig = sig[134:518], sig[518:582]
    n, = struct.unpack("<H", sig[582:584])
    auth, rest = sig[584:584 + n], sig[584 + n:]
    kind, size = struct.unpack("<HI", rest[:6])
    check("PCK chain", kind == 5 and len(rest) == 6 + size)
    check("its leaf", read(PKI, "pck.pem") in rest)
    verify("QE report is signed",
           public_key(os.path.join(PKI, "pck.pem")), qe, qe_sig)
    check("QE report binds the key",
          qe[320:384] == hashlib.sha256(ak + auth).digest() + bytes(32))
    mask = bytes.fromhex(identity["attributesMask"])
    check("QE is the identity's",
          qe[128:160].hex() == identity["mrsigner"]
          and struct.unpack("<H", qe[256:258])[0] == identity["isvprodid"]
          and bytes(a & m for a, m in zip(qe[48:64], mask)).hex()
          == identity["attributes"])
    svn = body[:16]
    check("the module is known",
          "TDX_%02X" % svn[1] in [m["id"] for m in
                                  info["tdxModuleIdentities"]])
    level = next(v for v in info["tcbLevels"]
                 if all(have >= want["svn"] for have, want in
                        list(zip(svn, v["tcb"]["tdxtcbcomponents"]))[2:]))
    check("the level is UpToDate", level["tcbStatus"] == "UpToDate", level)


chains()
quote(statement("tcb-info.json", "tcbInfo"),
      statement("qe-identity.json", "enclaveIdentity"))
for f in os.listdir(TMP):
    os.unlink(os.path.join(TMP, f))
os.rmdir(TMP)
sys.exit(1 if failed else 0)
