#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tokens of a test issuer: signatures come from openssl.

usage: jwt.py jwks KEY.pem KID              the key set
       jwt.py sign KEY.pem HEADER CLAIMS    JSON each; CLAIMS may hold @N,
                                            the time in N seconds
       jwt.py hmac FILE HEADER CLAIMS       HS256 with the octets of FILE
"""
import base64
import hashlib
import hmac
import re
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
else:
    text = signing_input(*sys.argv[3:5])
    secret = open(key, "rb").read()
    print(text + "." + b64(hmac.new(secret, text.encode(),
                                    hashlib.sha256).digest()))
