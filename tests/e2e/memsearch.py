#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looks for secrets in the memory of a process that runs.

usage: memsearch.py PID CONTROL FILE
  FILE     one secret a line, as hex
  CONTROL  a text that is surely there: the scan must find it
Prints how many secrets were found in any form, and exits with 1 if any, or
if the control was not found.
"""
import base64
import os
import subprocess
import sys
import tempfile


def forms(secret):
    """A secret as bytes, hex and base64url at each of the three offsets."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for shift in range(3):
        text = base64.urlsafe_b64encode(b"\0" * shift + secret)
        # Without the characters that also depend on neighbours.
        yield text[4 if shift else 0:-5]
        yield base64.b64encode(b"\0" * shift + secret)[4 if shift else 0:-5]


def regions(pid):
    with open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            fields = line.split()
            if "r" in fields[1] and fields[-1] not in ("[vvar]", "[vsyscall]"):
                low, high = fields[0].split("-")
                yield int(low, 16), int(high, 16)


def memory(pid):
    with open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for low, high in regions(pid):
            try:
                mem.seek(low)
                yield mem.read(high - low)
            except (OSError, ValueError):
                continue  # unmapped meanwhile, or a device


def window(form):
    """12 bytes in a row that grep can take as a line, or None."""
    for i in range(len(form) - 11):
        part = form[i:i + 12]
        if b"\n" not in part and b"\0" not in part:
            return part
    return None


def main():
    pid, control, name = sys.argv[1:4]
    with open(name) as f:
        secrets = [bytes.fromhex(line.strip()) for line in f if line.strip()]
    index = {}
    for number, secret in enumerate(secrets):
        for form in forms(secret):
            part = window(form)
            if part:
                index[part] = number
    if len(set(index.values())) != len(secrets):
        sys.exit("a secret has no form to look for")
    seen, size = False, 0
    with tempfile.NamedTemporaryFile() as dump, \
            tempfile.NamedTemporaryFile() as patterns:
        for block in memory(pid):
            size += len(block)
            seen = seen or control.encode() in block
            dump.write(block)
        dump.flush()
        patterns.write(b"\n".join(index) + b"\n")
        patterns.flush()
        hits = subprocess.run(
            ["grep", "-a", "-o", "-F", "-f", patterns.name, dump.name],
            env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE, check=False)
    if hits.returncode > 1:
        sys.exit("grep failed")
    found = {index[hit] for hit in hits.stdout.split(b"\n") if hit in index}
    print(f"{len(secrets)} secrets, {size} bytes of memory, "
          f"{len(found)} found, control {'found' if seen else 'NOT FOUND'}")
    return 0 if seen and not found and secrets else 1


if __name__ == "__main__":
    sys.exit(main())
