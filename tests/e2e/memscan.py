# SPDX-License-Identifier: Apache-2.0
"""Looks for bytes in the memory of a process.

usage: memscan.py PID FILE...
Prints, for each file, in how many places of the process's memory its content
is. Needs the right to trace: the processes are not dumpable.
"""
import re
import sys


def regions(pid):
    with open("/proc/%d/maps" % pid) as f:
        for line in f:
            m = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)",
                         line)
            if m and m.group(3)[0] == "r" and m.group(4) not in (
                    "[vvar]", "[vsyscall]"):
                yield int(m.group(1), 16), int(m.group(2), 16)


def main(argv):
    pid = int(argv[1])
    wanted = [open(name, "rb").read() for name in argv[2:]]
    counts = [0] * len(wanted)
    with open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for begin, end in regions(pid):
            try:
                mem.seek(begin)
                data = mem.read(end - begin)
            except (OSError, ValueError):
                continue
            for i, what in enumerate(wanted):
                counts[i] += data.count(what)
    for name, n in zip(argv[2:], counts):
        print(n, name)


main(sys.argv)
