#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The built programs link what the architecture allows, and are hardened.
# usage: links.sh BUILD
set -euo pipefail
bin=$1
failed=0

fail() {
	echo "$*"
	failed=1
}

# The libraries that a program itself asks for (not what those pull in).
needed() {
	readelf -d "$bin/$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

refuse() { # program, pattern
	local hit
	hit=$(needed "$1" | grep -E "$2" || true)
	[ -z "$hit" ] || fail "$1 must not link: $hit"
}

# Symbols of a folder that must not be inside a program.
refuse_symbols() { # program, pattern
	local hit
	hit=$(nm --defined-only "$bin/$1" | grep -E " [TtDdRr] ($2)" || true)
	[ -z "$hit" ] || fail "$1 must not contain:" "$(head -3 <<<"$hit")"
}

for program in vouchsafed vouchsafe-keeper vouchsafe-seal vouchsafe \
	vouchsafe-guest; do
	if [ ! -x "$bin/$program" ]; then
		fail "$program was not built"
		continue
	fi
	headers=$(readelf -lW "$bin/$program")
	dynamic=$(readelf -dW "$bin/$program")
	grep -q 'GNU_RELRO' <<<"$headers" || fail "$program: no RELRO"
	grep -q 'BIND_NOW\|FLAGS.*NOW' <<<"$dynamic" || fail "$program: lazy"
	grep -q 'GNU_STACK.* RWE' <<<"$headers" && fail "$program: exec stack"
	readelf -h "$bin/$program" | grep -q 'Type:.*DYN' ||
		fail "$program: not position independent"
done
[ "$failed" -eq 0 ] || exit 1

# The keeper's address space holds keys: libcrypto and libc, nothing else.
extra=$(needed vouchsafe-keeper |
	grep -vE '^lib(crypto|c|m|pthread)\.so' || true)
[ -z "$extra" ] || fail "vouchsafe-keeper links more than libcrypto: $extra"
loaded=$(ldd "$bin/vouchsafe-keeper")
if grep -E 'jansson|yaml|cbor|sqlite|microhttpd|curl|gnutls|xml' \
	<<<"$loaded"; then
	fail "vouchsafe-keeper loads a parser"
fi
# And it stays small enough to be read: lines of code, without blank ones and
# comments, of the sources whose objects are in it.
root=$(cd "$(dirname "$0")/../.." && pwd)
python3 - "$bin" "$root" <<'END' || failed=1
import os, re, subprocess, sys
LIMIT = 3000
build, root = sys.argv[1:]
def symbols(path):
    """member -> (defined, needed), whatever the linker inlines later"""
    out = {}
    for line in subprocess.run(("nm", "-A", path), check=True, text=True,
                               capture_output=True).stdout.splitlines():
        kind, name = line.split()[-2:]
        member = os.path.basename(line.split()[0].split(":")[-2])
        sets = out.setdefault(member, (set(), set()))
        if kind in "TDBRV":
            sets[0].add(name)
        elif kind == "U":
            sets[1].add(name)
    return out
main = "CMakeFiles/vouchsafe-keeper.dir/src/vouchsafe-keeper.c.o"
(_, need), = symbols(os.path.join(build, main)).values()
need = set(need)
members = symbols(os.path.join(build, "libvs_keeper.a"))
sources = {"src/vouchsafe-keeper.c"}
while True:
    more = [m for m, (has, _) in members.items() if has & need]
    if not more:
        break
    for m in more:
        sources.add("src/keeper/" + m.removesuffix(".o"))
        need |= members.pop(m)[1]
def lines(path):
    with open(os.path.join(root, path)) as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    return sum(1 for l in text.splitlines() if l.strip())
total = sum(map(lines, sources))
print(f"the keeper: {total} lines of code in {len(sources)} files")
if total >= LIMIT:
    sys.exit(f"the keeper has grown to {total} lines of code; {LIMIT} is too many")
END
# What speaks to a TPM or to a token is in a program of its own alone:
# docs/adr/0019-seal-program.md.
for program in vouchsafed vouchsafe-keeper vouchsafe vouchsafe-guest; do
	refuse "$program" 'tss2'
done
refuse_symbols vouchsafe-keeper 'vs_(tpm2|token|pkcs11)_'
# It opens a seal; making one is the work of another: docs/adr/0018.
refuse_symbols vouchsafe-keeper 'vs_(seal_make|seal_tool|shamir_split|share_)'
extra=$(needed vouchsafe-seal |
	grep -vE '^lib(crypto|c|dl|tss2-(esys|mu|tctildr))\.so' || true)
[ -z "$extra" ] || fail "vouchsafe-seal links more than it needs: $extra"
# The daemon makes no outbound connection, parses no XML, forges nothing.
refuse vouchsafed 'libcurl|libxml|libssl'
for program in vouchsafed vouchsafe-guest libvouchsafe.so; do
	[ -e "$bin/$program" ] || continue
	if ldd "$bin/$program" | grep -E 'libxml|libxslt'; then
		fail "$program loads an XML library"
	fi
done
refuse_symbols vouchsafed 'vs_sim_'
refuse_symbols vouchsafe-keeper 'vs_(sim|json|yaml|cbor|store|policy|snp)_'
# The guest needs neither store nor server.
refuse vouchsafe-guest 'sqlite|microhttpd'
# The command line alone reads XML: docs/adr/0014-xml-in-the-cli.md.
refuse vouchsafe 'microhttpd'
exit "$failed"
