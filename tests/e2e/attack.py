# SPDX-License-Identifier: Apache-2.0
"""Attacks on the guest listener.

usage: attack.py VOUCHSAFE PKI PORT OTHER_PORT SHORT_PORT DAEMON_PID
SHORT_PORT: a daemon with a nonce life of 10 s and short timeouts.
"""
import json
import re
import socket
import sys
import threading
import time

from wire import (OTHER_RECIPIENT, RECIPIENT, Connection, Forger, challenge,
                  post)

PKI = sys.argv[2]
PORT, OTHER_PORT, SHORT_PORT, PID = (int(v) for v in sys.argv[3:7])
FORGER = Forger(sys.argv[1], PKI)
KEY = "demo/key"
failed = 0
checks = 0


def check(what, good, detail=""):
    global failed, checks
    checks += 1
    if not good:
        failed += 1
    print("%s %s%s" % ("ok  " if good else "FAIL", what,
                       "" if good else ": %s" % (detail,)), flush=True)


def release(body, port=PORT):
    return post(port, "/v1/release", body)


def kind(answer):
    """Class of a problem document."""
    try:
        return re.split(r"[/:#]", answer.json()["type"])[-1]
    except (ValueError, KeyError):
        return "?"


def refused(what, answer, status, cls):
    check(what, answer.status == status and kind(answer) == cls
          and answer.headers["content-type"] == "application/problem+json",
          (answer.status, answer.headers, answer.body[:300]))


def good():
    a = release(FORGER.body(challenge(PORT), [KEY]))
    check("an honest guest still gets its key", a.status == 200,
          (a.status, a.body[:300]))


def replayed_nonce():
    body = json.dumps(FORGER.body(challenge(PORT), [KEY])).encode()
    answers, gate = [], threading.Barrier(200)

    def one():
        gate.wait()
        for _ in range(100):
            try:
                a = release(body)
            except OSError:
                a = None
            # Too many at once is not an answer about the nonce: ask again.
            if a is not None and a.status not in (429, 503):
                answers.append(a)
                return
            time.sleep(0.05)

    threads = [threading.Thread(target=one) for _ in range(200)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    won = sum(a.status == 200 for a in answers)
    lost = sum(a.status == 401 and kind(a) == "stale" for a in answers)
    check("200 parallel releases of one nonce: exactly one",
          won == 1 and lost == 199, (won, lost, len(answers)))
    refused("and none later", release(body), 401, "stale")


def nonces():
    body = FORGER.body(challenge(OTHER_PORT), [KEY])
    refused("a nonce of another broker", release(body), 401, "stale")
    nonce = challenge(SHORT_PORT)
    body = FORGER.body(nonce, [KEY])
    time.sleep(11.5)
    refused("an expired nonce", release(body, SHORT_PORT), 401, "stale")
    body = FORGER.body(challenge(PORT), [KEY])
    # The first bytes are the time: a guest must not make a nonce younger.
    for at, what in ((0, "time"), (12, "random part"), (40, "MAC")):
        c = "B" if body["nonce"][at] != "B" else "C"
        forged = dict(body, nonce=body["nonce"][:at] + c
                      + body["nonce"][at + 1:])
        refused("a nonce with its %s changed" % what, release(forged), 401,
                "stale")
    check("the nonce itself is still good", release(body).status == 200)
    refused("a nonce of 31 bytes",
            release(dict(body, nonce=body["nonce"][:-2])), 400, "malformed")


def bindings():
    body = FORGER.body(challenge(PORT), [KEY], recipient=OTHER_RECIPIENT,
                       bound_to=RECIPIENT)
    refused("evidence bound to another recipient key", release(body), 403,
            "unverified")
    first = FORGER.body(challenge(PORT), [KEY])
    second = dict(first, nonce=challenge(PORT))
    refused("evidence bound to another nonce", release(second), 403,
            "unverified")


def recipients():
    nonce = challenge(PORT)
    body = FORGER.body(nonce, [KEY])
    flip = "A" if RECIPIENT["y"][10] != "A" else "B"
    bad = {
        "a point that is not on the curve": dict(
            RECIPIENT, y=RECIPIENT["y"][:10] + flip + RECIPIENT["y"][11:]),
        "the point at (0, 0)": dict(RECIPIENT, x="A" * 43, y="A" * 43),
        "a coordinate above the field": dict(RECIPIENT, x="_" * 42 + "8"),
        "P-256 coordinates called P-384": dict(RECIPIENT, crv="P-384"),
        "a curve that is not ours": dict(RECIPIENT, crv="P-521"),
        "a curve that is none": dict(RECIPIENT, crv="secp256k1"),
        "EC coordinates called OKP": dict(
            RECIPIENT, kty="OKP", crv="X25519"),
        "an X25519 key of small order": {
            "kty": "OKP", "crv": "X25519", "x": "A" * 43},
        "an RSA key": {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        "no key": {},
    }
    for what, jwk in bad.items():
        # Evidence for exactly this key, where that can be made at all.
        try:
            b = FORGER.body(nonce, [KEY], recipient=jwk)
        except Exception:
            b = dict(body, recipient=jwk)
        a = release(b)
        refused("recipient: " + what, a, 400, "malformed")
        nonce = challenge(PORT)
        body = FORGER.body(nonce, [KEY])
    private = dict(RECIPIENT, d="870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE")
    a = release(dict(body, recipient=private))
    check("recipient: a private key is not simply taken", a.status != 500,
          (a.status, a.body[:200]))


def shape(answer):
    """All that a guest can tell apart: ids and the date taken out."""
    uuid = rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
    headers = {k: re.sub(uuid.decode(), "ID", v)
               for k, v in answer.headers.items() if k != "date"}
    return answer.status, headers, re.sub(uuid, b"ID", answer.body)


def same_face():
    """Unknown, denied, disabled, destroyed, without a policy."""
    names = ["demo/unknown", "closed/key", "demo/disabled", "demo/destroyed",
             "nobody/key"]
    shapes = []
    for name in names:
        a = release(FORGER.body(challenge(PORT), [name]))
        shapes.append(shape(a))
    check("denied is 403", shapes[0][0] == 403, shapes[0])
    for name, s in zip(names[1:], shapes[1:]):
        check("%s looks like an unknown key" % name, s == shapes[0],
              (s, shapes[0]))


def rss_kib():
    with open("/proc/%d/status" % PID) as f:
        for line in f:
            if line.startswith("VmRSS"):
                return int(line.split()[1])
    return 0


def oversized():
    before = rss_kib()
    c = Connection(PORT)
    c.send(b"POST /v1/release HTTP/1.1\r\nHost: x\r\nContent-Type: "
           b"application/json\r\nContent-Length: 1000000000\r\n\r\n")
    c.s.settimeout(5)
    try:
        a = c.answer()
        check("a body of 1 GB is refused by its header", a.status == 413,
              (a.status, a.body[:200]))
    except OSError as e:
        check("a body of 1 GB is refused by its header", False, e)
    c.close()

    c = Connection(PORT)
    c.send(b"POST /v1/release HTTP/1.1\r\nHost: x\r\nContent-Type: "
           b"application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    sent, status = 0, None
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    try:
        while sent < 200:
            c.send(chunk)
            sent += 1
    except OSError:
        pass
    try:
        status = c.answer().status
    except OSError:
        status = "closed"
    check("a chunked body without end is cut off",
          status in (413, "closed") and sent < 200, (status, sent))
    c.close()
    c = Connection(PORT)
    try:
        c.send(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200000
               + b"\r\n\r\n")
        status = c.answer().status
    except OSError:
        status = "closed"
    check("an oversized header is refused",
          status in (400, 413, 431, "closed"), status)
    c.close()
    grown = rss_kib() - before
    check("none of it was buffered", grown < 8192, "%d KiB more" % grown)


def slow():
    """The short daemon gives a request 5 s in all."""
    results = {}

    def drip(what, first, each):
        """Half a second between two pieces: 50 are far above the limit."""
        c = Connection(SHORT_PORT)
        results[what] = None
        try:
            c.send(first)
            for waits in range(50):
                c.send(each)
                c.s.settimeout(0.5)
                try:
                    c.s.recv(4096)
                    break
                except socket.timeout:
                    pass
            else:
                return
        except OSError:
            waits = 0
        finally:
            c.close()
        results[what] = waits

    cases = {
        "a slow body": (b"POST /v1/release HTTP/1.1\r\nHost: x\r\n"
                        b"Content-Type: application/json\r\n"
                        b"Content-Length: 5000\r\n\r\n{", b" "),
        "slow headers": (b"POST /v1/release HTTP/1.1\r\nHost: x\r\n",
                         b"X: y\r\n"),
        "a silent connection": (b"", b""),
    }
    threads = [threading.Thread(target=drip, args=(k, *v))
               for k, v in cases.items()]
    for t in threads:
        t.start()
    # Meanwhile others are served.
    a = release(FORGER.body(challenge(SHORT_PORT), [KEY]), SHORT_PORT)
    check("others are served meanwhile", a.status in (200, 403), a.status)
    for t in threads:
        t.join()
    for k, waits in results.items():
        check("%s is ended" % k, waits is not None)


def truncated():
    body = json.dumps(FORGER.body(challenge(PORT), [KEY])).encode()
    step, deadline = 1, time.monotonic() + 45
    wrong, c, n = [], Connection(PORT), 0
    while n < len(body):
        try:
            a = c.post("/v1/release", body[:n])
        except OSError:
            c = Connection(PORT)
            continue
        if a.status in (429, 503):
            time.sleep(0.05)
            continue
        if a.status != 400:
            wrong.append((n, a.status))
        if a.headers.get("connection", "").lower() == "close":
            c.close()
            c = Connection(PORT)
        n += step
        if time.monotonic() > deadline:
            step = 97
    c.close()
    check("a body truncated at every byte (%d) is malformed" % len(body),
          not wrong and step == 1, (wrong[:5], step))
    # The connection ends in the middle of the body.
    head = ("POST /v1/release HTTP/1.1\r\nHost: x\r\nContent-Type: "
            "application/json\r\nContent-Length: %d\r\n\r\n"
            % len(body)).encode()
    for n in list(range(0, len(body), 331)) + [len(body) - 1]:
        # No answer is as good as a refusal; the idle limit ends it then.
        c = Connection(PORT, timeout=1)
        c.send(head + body[:n])
        c.s.shutdown(socket.SHUT_WR)
        try:
            if c.answer().status == 200:
                wrong.append(n)
        except OSError:
            pass
        c.close()
    check("a connection cut in the body releases nothing", not wrong, wrong)
    a = release(body)
    check("and its nonce was not spent", a.status == 200,
          (a.status, a.body[:200]))


def nonsense():
    """Requests that are wrong as HTTP or as JSON."""
    body = FORGER.body(challenge(PORT), [KEY])
    text = json.dumps(body)
    bad = {
        "an array": b"[]",
        "a number": b"1",
        "nothing": b"",
        "nested too deep": b"[" * 100000,
        "a duplicate member":
            text[:-1].encode() + b', "nonce": "' + body["nonce"].encode()
            + b'"}',
        "an unknown member": json.dumps(dict(body, debug=True)).encode(),
        "no keys": json.dumps(dict(body, keys=[])).encode(),
        "keys of another type": json.dumps(dict(body, keys="all")).encode(),
        "a key named ../../x":
            json.dumps(dict(body, keys=[{"name": "../../x"}])).encode(),
        "a version that is no number": json.dumps(
            dict(body, keys=[{"name": KEY, "version": "1"}])).encode(),
        "invalid UTF-8": text.encode().replace(b"demo", b"d\xff\xfeo"),
        "padding in base64url": json.dumps(
            dict(body, nonce=body["nonce"] + "=")).encode(),
        "trailing text": text.encode() + b"x",
    }
    for what, data in bad.items():
        refused("body: " + what, post(PORT, "/v1/release", data), 400,
                "malformed")
    for method, path, want in (("GET", "/v1/release", (404, 405)),
                               ("POST", "/v1/nothing", (404,)),
                               ("GET", "/v1/keys", (404,)),
                               ("POST", "/v1/keys", (404,)),
                               ("GET", "/v1/audit", (404,)),
                               ("GET", "/../../etc/passwd", (400, 404))):
        c = Connection(PORT)
        c.send(("%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
                % (method, path)).encode())
        try:
            status = c.answer().status
        except OSError:
            status = "closed"
        check("%s %s is not there for guests" % (method, path),
              status in want, status)
        c.close()
    a = release(body)
    check("none of it spent the nonce", a.status == 200,
          (a.status, a.body[:200]))


for part in (good, nonces, bindings, recipients, same_face, nonsense,
             oversized, slow, truncated, replayed_nonce, good):
    began = time.monotonic()
    part()
    print("     | %s: %.1f s" % (part.__name__, time.monotonic() - began),
          flush=True)
print("%d checks, %d failed" % (checks, failed))
sys.exit(1 if failed or not checks else 0)
