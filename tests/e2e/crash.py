# SPDX-License-Identifier: Apache-2.0
"""A light load that survives a broker that dies under it.

usage: crash.py VOUCHSAFE PKI PORT LOG
Asks for demo/key until it is told to stop (standard input closes). Each
answer that arrived goes to LOG as one line: release id, and the body that
was sent, so that it can be sent again.
"""
import json
import sys
import threading
import time

from wire import Forger, challenge, post

PORT = int(sys.argv[3])
FORGER = Forger(sys.argv[1], sys.argv[2])
LOG = open(sys.argv[4], "a", buffering=1)
stop = threading.Event()
lock = threading.Lock()
spent = []
wrong = []


def replay(body):
    """A body that was answered once must never be answered again."""
    try:
        a = post(PORT, "/v1/release", body)
    except (OSError, RuntimeError, ValueError):
        return False
    if a.status == 200:
        wrong.append(body)
    return a.status == 401


def work():
    while not stop.is_set():
        try:
            body = json.dumps(
                FORGER.body(challenge(PORT), ["demo/key"])).encode()
            a = post(PORT, "/v1/release", body)
        except (OSError, RuntimeError, ValueError):
            time.sleep(0.02)
            continue
        if a.status == 200:
            with lock:
                LOG.write("%s\n" % a.json()["release_id"])
                spent.append(body)
        elif a.status not in (429, 503):
            wrong.append((a.status, a.body[:200]))
        again = None
        with lock:
            # One of the last ones: the likeliest to be lost in a crash.
            if len(spent) > 3:
                again = spent[-3]
        if again is not None:
            replay(again)


threads = [threading.Thread(target=work, daemon=True) for _ in range(2)]
for t in threads:
    t.start()
sys.stdin.read()
stop.set()
for t in threads:
    t.join(30)
# Nonces live longer than this test: all can be tried again.
recent = spent[-300:]
refused = sum(replay(b) for b in recent)
print("%d answers; %d of %d replayed nonces refused; %d wrong answers" % (
    len(spent), refused, len(recent), len(wrong)))
for w in wrong[:5]:
    print("wrong:", w)
sys.exit(1 if wrong or refused != len(recent) or not spent else 0)
