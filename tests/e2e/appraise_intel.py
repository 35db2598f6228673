# SPDX-License-Identifier: Apache-2.0
"""Runs the Intel DCAP vectors through `vouchsafe appraise --json`.

usage: appraise_intel.py VOUCHSAFE VECTORS SCRATCH
"""
import json
import os
import subprocess
import sys

TOOL, VECTORS, SCRATCH = sys.argv[1:4]
MANIFEST = json.load(open(os.path.join(VECTORS, "manifest.json")))
CASES = {c["id"]: c for c in MANIFEST["cases"]}
REAL_ROOT = "collateral/intel-sgx-root-ca.der"
failures = []
done = 0


def vector(name):
    with open(os.path.join(VECTORS, name), "rb") as f:
        return f.read()


def scratch(name, data):
    path = os.path.join(SCRATCH, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


def appraise(args):
    p = subprocess.run([TOOL, "appraise", "--json", *args],
                       capture_output=True, timeout=60)
    try:
        return p.returncode, json.loads(p.stdout)
    except ValueError:
        return p.returncode, {"error": {
            "code": "no JSON", "detail": p.stderr.decode(errors="replace")}}


# ---- a case as a set of parts, which mutations change ----------------------

def parts_of(case):
    parts = {"quote": vector(case["quote"])}
    for key, name in case["files"].items():
        parts[key] = vector(name)
    return parts


def command(name, case, parts, kind=True):
    """The arguments for these parts, written to files."""
    args = ["--at", case["verify_at"],
            "--cpu", scratch(name + "/quote.bin", parts["quote"])]
    if kind:
        args += ["--kind", case["tee"]]
    for key in ("pck_cert", "pck_sign_chain"):
        if key in parts:
            args += ["--certs", scratch("%s/%s" % (name, key), parts[key])]
    if "pck_cert" in parts:
        args += ["--allow-tcb-info-v2"]  # Intel's sample is of that form
    root = parts["trusted_root"]
    if root != vector(REAL_ROOT):
        args += ["--only-anchors", "--trust-anchor",
                 scratch(name + "/test-root.bin", root)]
    for key in ("tcb_info", "qe_identity", "tcb_info_issuer_chain",
                "qe_identity_issuer_chain", "root_ca_crl", "pck_crl"):
        if key in parts:
            scratch("%s/dir/%s" % (name, key), parts[key])
    return args + ["--collateral", os.path.join(SCRATCH, name, "dir")]


def mutate(case, parts, op):
    target, kind = op["target"], op.get("op")
    if target == "verify_at":
        case["verify_at"] = op["value"]
        return
    data = bytearray(parts.get(target, b""))
    if kind == "remove":
        del parts[target]
        return
    if kind == "use_file":
        data = vector(op["file"])
    elif kind == "truncate":
        data = data[:op["length"]]
    elif kind == "append":
        data += bytes.fromhex(op["value"])
    elif kind in ("replace_ascii", "replace_text"):
        find = op["find"].encode()
        if find not in data:
            raise ValueError("nothing to replace: %s" % op)
        data = data.replace(find, op["replace"].encode(), 1)
    elif kind in ("set", "xor"):
        for i, b in enumerate(bytes.fromhex(op["value"])):
            at = op["offset"] + i
            data[at] = data[at] ^ b if kind == "xor" else b
    else:
        raise ValueError("unknown operation: %s" % op)
    parts[target] = bytes(data)


# ---- judging ---------------------------------------------------------------

MALFORMED = ("quote_malformed", "quote_version", "tee_type", "qe_vendor",
             "attestation_key_type", "cert_data_type", "tcb_info_malformed",
             "qe_identity_malformed", "eventlog_malformed")
# Where several faults meet any of their classes is right.
ALSO = {
    "revoked-before-sig": ("quote_signature",),
    "syn-tdx4-tcbinfo-by-pck": ("chain_invalid", "tcb_info_signature"),
    "tdx4-intel-sample-der-certdata": ("tcb_info_malformed",),
    # The collateral is of the real root as well, and is read first.
    "wrong-root": ("chain_invalid",),
}


def fail(name, text):
    failures.append(name)
    print("FAIL %s: %s" % (name, text))


def judge(name, want, code, got):
    """The error, with its class and exit code; debug guests verify and are
    then refused by the guard rail."""
    global done
    done += 1
    error = got.get("error")
    have = error.get("code") if error else "valid"
    if want == "valid":
        debug = (got.get("verified") is True and have == "policy.debug"
                 and got["claims"]["tee"]["debug"] is True and code == 1)
        good = debug or (have == "valid" and code == 0
                         and got.get("verified") is True
                         and got["claims"]["tee"]["debug"] is False)
    else:
        cls = "malformed" if have in MALFORMED else "unverified"
        good = (have in (want,) + ALSO.get(name, ()) and code in (2, 3)
                and error["class"] == cls and "claims" not in got
                and got.get("verified") is False)
    if not good:
        fail(name, "want %s, got %s, exit %d: %s" % (
            want, have, code, json.dumps(
                {k: v for k, v in got.items() if k != "claims"})[:400]))
    return good


def swapped(text):
    """Little-endian bytes as the number that the claims show."""
    return bytes.fromhex(text)[::-1].hex()


def compare_claims(name, case, claims):
    intel, detail = claims["intel"], case.get("detail") or {}
    want = case.get("claims", {})
    pairs = [
        ("kind", case["tee"], claims["tee"]["kind"]),
        ("simulated", case["files"]["trusted_root"] != REAL_ROOT,
         claims["tee"]["simulated"]),
        ("version", case["quote_version"], intel["quote_version"]),
        ("tcb_status", case["tcb_status"], claims["tcb_status"]),
        ("advisories", case["advisories"], claims["advisories"]),
        ("platform", detail.get("platform", intel["platform_status"]),
         intel["platform_status"]),
        # The manifest has the platform's date; the earliest of all counts.
        ("tcb_date", True,
         claims["tcb_date"] <= detail.get("tcb_date", claims["tcb_date"])),
    ]
    parts = [intel[k] for k in ("module_status", "qe_status") if k in intel]
    pairs.append(("components", detail.get("components", parts), parts))
    for key, path in (("fmspc", "fmspc"), ("qe_isvsvn", "qe_isvsvn"),
                      ("pcesvn", "pcesvn"), ("sgx_comps", "sgx_components")):
        if key in detail:
            pairs.append((key, detail[key], intel[path]))
    for key, value in want.items():
        if key == "debug":
            pairs.append((key, value, claims["tee"]["debug"]))
        elif case["tee"] == "tdx":
            tdx = claims["tdx"]
            have = {"tdattributes": tdx["attributes"]["raw"],
                    "xfam": tdx["xfam"]["raw"],
                    "reportdata": tdx["report_data"]}.get(key)
            if key in ("tdattributes", "xfam"):
                value = swapped(value)
            pairs.append((key, value, have or tdx.get(key)))
        else:
            sgx = claims["sgx"]
            have = sgx["attributes"]["raw"] if key == "attributes" else sgx[key]
            pairs.append((key, value, have))
    wrong = [(k, w, h) for k, w, h in pairs if w != h]
    if wrong:
        fail(name + " claims", wrong)


def run_case(case):
    name, parts = case["id"], parts_of(case)
    code, got = appraise(command(name, case, parts))
    if judge(name, case["expect"], code, got) and case["expect"] == "valid":
        compare_claims(name, case, got["claims"])
        again = appraise(command(name, case, parts, kind=False))
        if again != (code, got):
            fail(name, "the kind is not guessed: %s" % again[1].get("error"))


def run_negative(n):
    case = dict(CASES[n["base"]])
    parts = parts_of(case)
    for op in n["ops"]:
        mutate(case, parts, op)
    code, got = appraise(command(n["id"], case, parts))
    if judge(n["id"], n["expect"], code, got) and n["expect"] == "valid":
        if got["claims"]["tcb_status"] != n["tcb_status"]:
            fail(n["id"], "status %s" % got["claims"]["tcb_status"])


# ---- event logs ------------------------------------------------------------

def log_of(e):
    data = vector(e["file"])
    if e["file"].endswith(".json"):
        return json.loads(data)["event_log"].encode()
    return data


def run_log(e):
    """Logs whose case does not verify are tried in the unit tests."""
    global done
    case = CASES.get(e["case"]) if e["case"] else None
    if case is None or case["expect"] != "valid":
        done += 1
        return
    args = command(e["id"], case, parts_of(case))
    args += ["--event-log", scratch(e["id"] + "/log", log_of(e))]
    code, got = appraise(args)
    want = {"match": "valid", "mismatch": "eventlog_mismatch"}[e["expect"]]
    if judge(e["id"], want, code, got) and want == "valid":
        if "events" in e and got["claims"]["eventlog"]["events"] > e["events"]:
            fail(e["id"], got["claims"]["eventlog"])


# ---- a TD under Azure's paravisor ------------------------------------------

def run_azure():
    """Its quote is that of a case, and so is its collateral."""
    case = CASES["tdx4-azure-coco"]
    parts = parts_of(case)
    parts["quote"] = vector("azure/evidence-v1.json")
    case = dict(case, tee="az-tdx")
    nonce = ["--nonce", b"challenge".hex()]
    code, got = appraise(command("azure", case, parts) + nonce)
    if judge("azure", "valid", code, got):
        guessed = appraise(command("azure", case, parts, kind=False) + nonce)
        if guessed != (code, got) or not got["claims"]["azure"][
                "quote_verified"]:
            fail("azure", got["claims"]["azure"])
    judge("azure-nonce", "bind.nonce", *appraise(
        command("azure", case, parts) + ["--nonce", b"challengf".hex()]))


def main():
    run_azure()
    for case in MANIFEST["cases"]:
        run_case(case)
    for n in MANIFEST["negative"]:
        run_negative(n)
    for e in MANIFEST["event_logs"]:
        run_log(e)
    print("%d appraisals, %d failed" % (done, len(failures)))
    want = sum(len(MANIFEST[k]) for k in ("cases", "negative", "event_logs"))
    if done < want:
        print("FAIL only %d of %d ran" % (done, want))
        return 1
    return 1 if failures else 0


sys.exit(main())
