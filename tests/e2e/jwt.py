#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tokens of a test issuer: signatures come from openssl.

usage: jwt.py jwks KEY.pem KID              the key set
       jwt.py sign KEY.pem HEADER CLAIMS    JSON each; CLAIMS may hold @N,
                                            the time in N seconds
       jwt.py hmac FILE HEADER CLAIMS       HS256 with the octets of FILE
       jwt.py serve DIR CERT KEY PORT       the files of DIR over TLS
"""
import base64
import functools
import hashlib
import hmac
import http.server
import re
import ssl
import subprocess
import sys
import time


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def modulus(key):
    out = subprocess.run(["openssl", "rsa", "-in", key, "-noout", "-modulus"],
                         check=True, capture_output=True, text=True).stdout
    return bytes.fromhex(out.strip().split("=")[1])


def signing_input(header, claims):
    claims = re.sub(r"@(-?\d+)", lambda m: str(int(time.time()) + int(m[1])),
                    claims)
    return b64(header.encode()) + "." + b64(claims.encode())


what, key = sys.argv[1:3]
if what == "jwks":
    print('{"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "%s",'
          ' "e": "AQAB", "n": "%s"}]}' % (sys.argv[3], b64(modulus(key))))
elif what == "sign":
    text = signing_input(*sys.argv[3:5])
    sig = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key],
                         input=text.encode(), check=True,
                         capture_output=True).stdout
    print(text + "." + b64(sig))
elif what == "serve":
    cert, private, port = sys.argv[3:6]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, private)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler,
                                directory=key)
    server = http.server.HTTPServer(("127.0.0.1", int(port)), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()
else:
    text = signing_input(*sys.argv[3:5])
    secret = open(key, "rb").read()
    print(text + "." + b64(hmac.new(secret, text.encode(),
                                    hashlib.sha256).digest()))
