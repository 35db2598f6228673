# SPDX-License-Identifier: Apache-2.0
"""Keys by the thousand, and guests at a steady pace while they are rewrapped.

usage: rewrap.py create SOCKET PREFIX N
       rewrap.py load VOUCHSAFE PKI PORT PREFIX N RATE SECONDS READY STOP
create makes PREFIX/0000000 and so on. load forges its evidence first, then
makes the file READY and sends RATE releases a second, for at least SECONDS,
until the file STOP is there. Every answer must be 200.
"""
import concurrent.futures
import json
import os
import random
import socket
import sys
import threading
import time

from wire import Connection, Forger, challenge


class Admin(Connection):
    def __init__(self, path):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(120)
        self.s.connect(path)
        self.rest = b""


def name(prefix, i):
    return "%s/%07d" % (prefix, i)


def create(path, prefix, n):
    c = Admin(path)
    begin = time.monotonic()
    for i in range(0, n, 1000):
        names = [name(prefix, k) for k in range(i, min(i + 1000, n))]
        a = c.post("/v1/keys", {"names": names})
        if a.status != 201:
            sys.exit("create: %d %s" % (a.status, a.body[:300]))
    took = time.monotonic() - begin
    print("%d keys in %.1f s" % (n, took))


class Load:
    def __init__(self, tool, pki, port, prefix, n):
        self.forger, self.port = Forger(tool, pki), port
        self.prefix, self.n = prefix, n
        self.lock, self.bodies, self.times, self.wrong = (
            threading.Lock(), [], [], [])

    def forge(self, _):
        key = name(self.prefix, random.randrange(self.n))
        return json.dumps(
            self.forger.body(challenge(self.port), [key])).encode()

    def prepare(self, count):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            self.bodies = list(pool.map(self.forge, range(count)))

    def next(self, begin, rate):
        """A body and when it is due."""
        with self.lock:
            if not self.bodies:
                return None, 0
            i = self.sent
            self.sent += 1
            return self.bodies.pop(), begin + i / rate

    def work(self, begin, rate, seconds, stop):
        c = Connection(self.port)
        while True:
            if time.monotonic() - begin > seconds and os.path.exists(stop):
                return
            body, due = self.next(begin, rate)
            if body is None:
                return
            time.sleep(max(0, due - time.monotonic()))
            sent = time.monotonic()
            a = c.post("/v1/release", body)
            with self.lock:
                self.times.append(time.monotonic() - sent)
                if a.status != 200:
                    self.wrong.append((a.status, a.body[:200]))

    def run(self, rate, seconds, stop):
        self.sent, begin = 0, time.monotonic()
        threads = [threading.Thread(
            target=self.work, args=(begin, rate, seconds, stop))
            for _ in range(16)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        took = time.monotonic() - begin
        self.times.sort()
        n = len(self.times)
        print("%d releases in %.1f s, %.0f/s, p50 %.1f ms, p99 %.1f ms, "
              "longest %.1f ms, %d failed" % (
                  n, took, n / took, 1000 * self.times[n // 2],
                  1000 * self.times[n * 99 // 100], 1000 * self.times[-1],
                  len(self.wrong)))
        if not os.path.exists(stop):
            print("the evidence ran out before the rewrap was over")
            return 1
        for w in self.wrong[:5]:
            print("wrong:", w)
        return 1 if self.wrong or n == 0 else 0


def main(argv):
    if argv[1] == "create":
        create(argv[2], argv[3], int(argv[4]))
        return 0
    tool, pki, port, prefix, n, rate, seconds, ready, stop = argv[2:]
    load = Load(tool, pki, int(port), prefix, int(n))
    # Enough for twice the time that is asked for, and some more.
    load.prepare(int(float(rate) * (2 * float(seconds) + 5)))
    with open(ready, "w"):
        pass
    return load.run(float(rate), float(seconds), stop)


sys.exit(main(sys.argv))
