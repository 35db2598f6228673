#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The module table of docs/architecture.md, enforced on every #include.

usage: includes.py ROOT           check ROOT/src
       includes.py --self-test    plant bad includes, expect each to be caught
"""
import pathlib
import re
import sys
import tempfile

# Folder -> project folders that it may include, besides itself.
LOW = ["base", "crypto", "codec", "claims", "collateral"]
MID = LOW + ["evidence", "policy", "store", "keeper", "provenance"]
ALL = MID + ["seal", "broker", "simulate", "http", "client"]
MAY = {
    "base": [],
    "crypto": ["base"],
    "codec": ["base", "crypto"],
    "claims": ["base"],
    "collateral": ["base", "crypto", "codec"],
    "evidence": LOW,
    "policy": ["base", "codec", "claims"],
    "store": ["base"],
    "keeper": ["base", "crypto"],
    "provenance": ["base", "crypto", "codec"],
    "seal": ["base", "crypto", "keeper"],
    "broker": MID,
    "simulate": ["base", "crypto", "codec"],
    "http": ["base", "codec", "broker"],
    "client": ["base", "codec"],
    "api": MID,  # the public library
    "cli": ALL,
    "guest": ALL,
    ".": ALL + ["cli", "guest"],  # the programs: wiring only
}

# Folders of evidence/ that are not a kind: what several kinds have in common.
SHARED = ["azure"]

# Third-party header -> its one home.
HOME = {
    r"openssl/": "crypto",
    r"jansson\.h": "codec",
    r"yaml\.h": "codec",
    r"cbor(\.h|/)": "codec",
    r"sqlite3\.h": "store",
    r"microhttpd\.h": "http",
    r"gnutls/": "http",
    r"curl/": "client",
    r"libxml/": "cli",
    r"xmlsec/": "cli",
    r"tss2/": "seal",
    r"p11-kit/": "seal",
}

# What counts as the C library and the kernel.
LIBC = re.compile(
    r"(assert|ctype|dirent|dlfcn|errno|fcntl|fnmatch|float|ftw|getopt|glob|grp|inttypes"
    r"|limits|malloc|math|netdb|poll|pthread|pwd|sched|semaphore|setjmp|signal"
    r"|spawn|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib"
    r"|string|strings|syslog|termios|threads|time|unistd|cpuid|immintrin"
    r"|valgrind/memcheck)\.h$"
    r"|(sys|linux|arpa|netinet|net|asm)/")

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>|(\S.*))')


def folder_of(path):
    """("evidence", "snp") for evidence/snp/x.c, (".", "") for a program."""
    parts = pathlib.PurePosixPath(path).parts
    if len(parts) == 1:
        return ".", ""
    return parts[0], parts[1] if len(parts) > 2 else ""


def quoted(src, rel, name):
    """Why rel may not include "name", or None."""
    here, sub = folder_of(rel)
    if name.startswith("vouchsafe/"):
        return None if here == "api" else "the public header is for callers"
    if not (src / name).is_file():
        return "no such file under src/ (write the path from src/)"
    there, other = folder_of(name)
    if here not in MAY:
        return f"{here}/ is not in the module table"
    if there == here:
        if sub and other and sub != other and other not in SHARED:
            return f"{here}/{sub} includes its sibling {other}"
        return None
    if there not in MAY[here]:
        return f"{here}/ may not include {there}/"
    return None


def angled(rel, name):
    """Why rel may not include <name>, or None."""
    for pattern, home in HOME.items():
        if re.match(pattern, name):
            if folder_of(rel)[0] != home:
                return f"its only home is {home}/"
            return None
    if not LIBC.match(name):
        return "neither C library nor a known third party"
    return None


def check(root):
    src = pathlib.Path(root) / "src"
    bad = []
    for path in sorted(src.rglob("*.[ch]")):
        rel = path.relative_to(src).as_posix()
        text = path.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            ours, theirs, macro = found.groups()
            if macro:
                why = "an include must be written out"
            elif ours:
                why = quoted(src, rel, ours)
            else:
                why = angled(rel, theirs)
            if why:
                bad.append(f"src/{rel}:{number}: {line.strip()}: {why}")
    return bad


PLANTED = {
    "base/a.c": '#include "crypto/digest.h"',          # upward
    "policy/a.c": '#include "store/store.h"',          # sideways
    "evidence/snp/a.c": '#include "evidence/dcap/b.h"',  # sibling kind
    "keeper/a.c": '#include <jansson.h>',              # not its home
    "http/a.c": '#include <openssl/evp.h>',            # not its home
    "cli/a.c": '#include "guest/guest.h"',             # sideways
    "broker/a.c": '# include <libxml/parser.h>',       # unknown third party
    "store/a.c": '#include "digest.h"',                # not from src/
    "codec/a.c": '#include SOME_MACRO',
    "stray/a.c": '#include "base/bytes.h"',            # not in the table
}
FINE = {
    "crypto/b.c": '#include <openssl/evp.h>\n#include "base/bytes.h"',
    "evidence/c.c": '#include "evidence/dcap/b.h"\n#include <string.h>',
    "vouchsafe.c": '#include "cli/cli.h"',
}


def self_test():
    with tempfile.TemporaryDirectory() as tmp:
        for name in ["base/bytes.h", "crypto/digest.h", "store/store.h",
                     "evidence/dcap/b.h", "guest/guest.h", "cli/cli.h"]:
            path = pathlib.Path(tmp) / "src" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n")
        for name, text in {**PLANTED, **FINE}.items():
            path = pathlib.Path(tmp) / "src" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
        bad = check(tmp)
    caught = {line.split(":")[0].removeprefix("src/") for line in bad}
    wrong = caught ^ set(PLANTED)
    for name in sorted(wrong):
        print(f"self-test: {name} was "
              + ("refused" if name in caught else "not caught"))
    return 1 if wrong else 0


def main(argv):
    if argv == ["--self-test"]:
        return self_test()
    if len(argv) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    bad = check(argv[0])
    for line in bad:
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
