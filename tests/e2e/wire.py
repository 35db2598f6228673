# SPDX-License-Identifier: Apache-2.0
"""A guest on raw sockets, for tests that must send what no client would."""
import base64
import json
import os
import socket
import subprocess
import tempfile

# Public keys of RFC 7517 A.1 and RFC 7515 A.3: nobody needs to open what is
# sealed to them.
RECIPIENT = {"kty": "EC", "crv": "P-256",
             "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
             "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}
OTHER_RECIPIENT = {"kty": "EC", "crv": "P-256",
                   "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                   "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Connection:
    """One kept-alive connection."""

    def __init__(self, port, timeout=30):
        self.s = socket.create_connection(("127.0.0.1", port), timeout)
        self.rest = b""

    def close(self):
        self.s.close()

    def send(self, data):
        self.s.sendall(data)

    def post(self, path, body, content_type="application/json"):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send(("POST %s HTTP/1.1\r\nHost: broker\r\nContent-Type: %s\r\n"
                   "Content-Length: %d\r\n\r\n" % (
                       path, content_type, len(body))).encode() + body)
        return self.answer()

    def _more(self):
        got = self.s.recv(65536)
        if not got:
            raise ConnectionError("closed")
        self.rest += got

    def answer(self):
        while b"\r\n\r\n" not in self.rest:
            self._more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        if status == 100:
            return self.answer()
        headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers[name.strip().lower()] = value.strip()
        n = int(headers.get("content-length", 0))
        while len(self.rest) < n:
            self._more()
        body, self.rest = self.rest[:n], self.rest[n:]
        return Answer(status, headers, body)


def post(port, path, body, **kw):
    c = Connection(port)
    try:
        return c.post(path, body, **kw)
    finally:
        c.close()


def challenge(port):
    a = post(port, "/v1/challenge", b"")
    if a.status != 200:
        raise RuntimeError("challenge: %d %s" % (a.status, a.body))
    return a.json()["nonce"]


class Forger:
    """Evidence under a test PKI, by the command line tool."""

    def __init__(self, tool, pki):
        self.tool, self.pki = tool, pki
        with open(os.path.join(pki, "pki.json")) as f:
            self.kind = json.load(f).get("tee", "snp")
        self.dir = tempfile.mkdtemp(prefix="wire.",
                                    dir=os.path.dirname(pki))

    def evidence(self, nonce, recipient, *extra):
        tag = os.path.join(self.dir, os.urandom(8).hex())
        with open(tag + ".jwk", "w") as f:
            json.dump(recipient, f)
        certs = ["--out-certs", tag + ".certs"] if self.kind == "snp" else []
        subprocess.run(
            [self.tool, "simulate", "evidence", "--pki", self.pki, "--nonce",
             unb64(nonce).hex(), "--recipient", tag + ".jwk", "--out-report",
             tag + ".report", *certs, *extra],
            check=True, capture_output=True, timeout=30)
        out = {}
        for suffix in (".report", ".certs", ".jwk"):
            if not os.path.exists(tag + suffix):
                continue
            with open(tag + suffix, "rb") as f:
                out[suffix] = f.read()
            os.unlink(tag + suffix)
        return out[".report"], out.get(".certs")

    def body(self, nonce, keys, recipient=RECIPIENT, bound_to=None,
             extra=()):
        """A release body; bound_to: the key that the evidence is for."""
        report, certs = self.evidence(nonce, bound_to or recipient, *extra)
        cpu = {"kind": self.kind, "report": b64(report)}
        if certs is not None:
            cpu["certs"] = b64(certs)
        return {"nonce": nonce, "recipient": recipient,
                "evidence": {"cpu": cpu},
                "keys": [{"name": k} for k in keys]}
