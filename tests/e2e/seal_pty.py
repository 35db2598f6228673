#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""On a terminal of its own: types what standard input has, line by line,
whenever the program stops talking, and prints what the terminal showed."""
import os
import pty
import select
import sys

pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
lines = sys.stdin.buffer.read().splitlines()
shown = b""
while True:
    ready, _, _ = select.select([fd], [], [], 0.7)
    if ready:
        try:
            data = os.read(fd, 65536)
        except OSError:  # the other side has gone
            break
        if not data:
            break
        shown += data
    elif lines:
        os.write(fd, lines.pop(0) + b"\n")
    else:
        os.close(fd)
        break
sys.stdout.buffer.write(shown)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
