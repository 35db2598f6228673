# SPDX-License-Identifier: Apache-2.0
"""Runs the SEV-SNP vectors through `vouchsafe appraise --json`.

usage: appraise_vectors.py VOUCHSAFE VECTORS SCRATCH
"""
import datetime
import json
import os
import subprocess
import sys

TOOL, VECTORS, SCRATCH = sys.argv[1:4]
MANIFEST = json.load(open(os.path.join(VECTORS, "manifest.json")))
CASES = {c["id"]: c for c in MANIFEST["cases"]}
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


def tool(*args):
    p = subprocess.run([TOOL, *args], capture_output=True, timeout=60)
    return p.returncode, p.stdout, p.stderr.decode(errors="replace")


def appraise(args):
    code, out, err = tool("appraise", "--json", *args)
    try:
        return code, json.loads(out)
    except ValueError:
        return code, {"error": {"code": "no JSON", "detail": err}}


# ---- a case as a set of parts, which mutations change ----------------------

def parts_of(case):
    parts = {}
    for key in ("report", "leaf", "intermediate", "root", "hcl", "outblob",
                "auxblob", "json"):
        if key in case and os.path.exists(os.path.join(VECTORS, case[key])):
            parts[key] = vector(case[key])
    for key in ("attest", "sig", "pcrs"):
        if key in case.get("tpm", {}):
            parts["tpm." + key] = vector(case["tpm"][key])
    return parts


def command(name, case, parts, extra, form=None):
    """The arguments for these parts, written to files."""
    container = case.get("container")
    args = ["--at", str(case["verify_at"])]
    certs = ["leaf", "intermediate", "root"]
    if container == "azure-hcl":
        cpu = "hcl"
    elif container == "configfs-tsm":
        cpu, certs = "outblob", ["auxblob"]
    elif container == "coco-snp-json" and form != "report":
        cpu, certs = "json", []
    else:
        cpu = "report"
    args += ["--cpu", scratch(name + "/cpu.bin", parts[cpu])]
    for c in certs:
        if c in parts:
            args += ["--certs", scratch("%s/%s.der" % (name, c), parts[c])]
    if "tpm.attest" in parts:
        args += ["--vtpm-quote",
                 scratch(name + "/x.quote.msg", parts["tpm.attest"])]
        scratch(name + "/x.quote.sig", parts["tpm.sig"])
        scratch(name + "/x.pcrs.bin", parts["tpm.pcrs"])
    return args + extra


# ---- policies --------------------------------------------------------------

def policy(rules):
    text = ("apiVersion: policy/v1\nname: vector\nversion: 1\n"
            "keys: [\"**\"]\ntee: [snp]\nrules:\n")
    for rule, expr in rules:
        text += "  - id: %s\n    assert: >-\n      %s\n" % (rule, expr)
    # Each case is about one rule, not about a policy for production.
    text += "waive:\n"
    for check in "debug", "tcb", "identity":
        text += ("  - {check: %s, reason: one rule is tried, "
                 "until: \"2100-01-01T00:00:00Z\"}\n" % check)
    return text.encode()


TCB_NAMES = {"fmc": "fmc", "bl": "boot_loader", "tee": "tee", "snp": "snp",
             "ucode": "microcode"}


def policy_args(name, op):
    rules, args = [], []
    if "vmpl" in op:
        rules.append(("vmpl", "snp.vmpl == %d" % op["vmpl"]))
    if "min_tcb" in op:
        rules.append(("tcb", " && ".join(
            "snp.tcb.reported.%s >= %d" % (TCB_NAMES[k], v)
            for k, v in op["min_tcb"].items())))
    if op.get("require_committed_eq_current"):
        rules.append(("provisional",
                      "snp.tcb.committed.raw == snp.tcb.current.raw"))
    for bit in op.get("require_platform_info", []):
        rules.append(("platform-info", "snp.platform.%s" % bit))
    if "host_data" in op:
        rules.append(("host-data", 'snp.host_data == "%s"' % op["host_data"]))
    if "measurements" in op:
        rules.append(("measurement", "snp.measurement in [%s]" % ", ".join(
            '"%s"' % m for m in op["measurements"])))
    if "report_data" in op:
        args += ["--expect-report-data", op["report_data"]]
    if "nonce_hex" in op:
        args += ["--nonce", op["nonce_hex"]]
    if rules:
        args += ["--policy", scratch(name + "/policy.yaml", policy(rules)),
                 "--key", "test/vector"]
    return args


# ---- operations ------------------------------------------------------------

def mutate(data, op):
    data = bytearray(data)
    kind = op["op"]
    if kind == "truncate":
        return bytes(data[:op["length"]])
    if kind == "append":
        return bytes(data + bytes.fromhex(op["value"]))
    at = op["offset"]
    value = bytes.fromhex(op["value"])
    if kind == "fill":
        value = value * op["length"]
    for i, b in enumerate(value):
        data[at + i] = data[at + i] ^ b if kind == "xor" else b
    return bytes(data)


def replacement(name, text):
    if os.path.exists(os.path.join(VECTORS, text)):
        return vector(text)
    if "self-made" in text:
        return open(os.path.join(pki(name, "Milan"), "ark.pem"), "rb").read()
    if text.startswith("roots/ark-genoa.der with its last"):
        der = bytearray(vector("roots/ark-genoa.der"))
        der[-1] ^= 1
        return bytes(der)
    raise ValueError("unknown replacement: " + text)


def unix(text):
    return int(datetime.datetime.fromisoformat(
        text.replace("Z", "+00:00")).timestamp())


# ---- forgeries under a test PKI --------------------------------------------

def must(*args):
    code, out, err = tool(*args)
    if code != 0:
        raise RuntimeError("%s: exit %d: %s" % (args, code, err))


def pki(name, product, *extra):
    path = os.path.join(SCRATCH, name, "pki")
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        must("simulate", "pki", path, "--product", product, "--rsa-bits",
             "4096", *extra)
    return path


def forged(name, product, extra, *guest):
    """A signed report and its whole certificate table."""
    d = pki(name, product, *extra)
    report = os.path.join(SCRATCH, name, "cpu.bin")
    certs = os.path.join(SCRATCH, name, "certs.bin")
    must("simulate", "evidence", "--pki", d, "--out-report", report,
         "--out-certs", certs, *guest)
    return d, ["--cpu", report, "--certs", certs]


def run_forged(m):
    name, base = m["id"], CASES[m["base"]]
    if name == "n-forged-pki":
        t = base["tcb"]
        tcb = "0.%d.%d.%d.%d" % (t["bl"], t["tee"], t["snp"], t["ucode"])
        _, args = forged(name, base["product"],
                         ["--tcb", tcb, "--chip-id",
                          base["claims"]["chip_id"]])
        return appraise(args)
    d, args = forged(name, base["product"], [], "--vlek")
    crl = os.path.join(SCRATCH, name, "crl", "crl.der")
    os.makedirs(os.path.dirname(crl), exist_ok=True)
    if name == "n-crl-revoked-asvk":
        must("simulate", "crl", "--pki", d, "--out", crl, "--revoke", "asvk")
    elif name == "n-crl-stale":
        must("simulate", "crl", "--pki", d, "--out", crl, "--at",
             str(int(datetime.datetime.now().timestamp()) - 40 * 86400))
    else:
        raise ValueError("unknown forgery: " + name)
    args += ["--trust-anchor", os.path.join(d, "ark.pem")]
    good, r = appraise(args)
    if good != 0:
        raise RuntimeError("the forgery is bad without the CRL: %s" % r)
    return appraise(args + ["--collateral", os.path.dirname(crl)])


# ---- judging ---------------------------------------------------------------

def expected_class(code):
    family = code.split(".")[0]
    return {"parse": ("malformed", 3), "policy": ("denied", 1)}.get(
        family, ("unverified", 3))


def judge(name, want, code, got):
    """One of the alternatives, with its class and exit code."""
    global done
    done += 1
    error = got.get("error")
    have = error.get("code") if error else "valid"
    for alt in want.split(" or "):
        alt = "valid" if alt.startswith("valid") else alt
        if alt != have:
            continue
        if alt == "valid":
            if code == 0 and got.get("verified") is True:
                return True
        else:
            cls, exit_code = expected_class(alt)
            verified = alt.startswith("policy.")
            if (error.get("class") == cls and code == exit_code
                    and got.get("verified") is verified
                    and ("claims" in got) is verified
                    and (not verified
                         or got["verdict"]["allow"] is False)):
                return True
    failures.append(name)
    print("FAIL %s: want %s, got %s, exit %d: %s" % (
        name, want, have, code, json.dumps(
            {k: v for k, v in got.items() if k != "claims"})[:400]))
    return False


def hex64(text):
    return "%016x" % int(text, 16)


def compare_claims(name, case, claims):
    want, snp = case["claims"], claims["snp"]
    v3 = want["version"] >= 3
    pairs = [
        ("version", want["version"], snp["version"]),
        ("guest_svn", want["guest_svn"], snp["guest_svn"]),
        ("policy", hex64(want["policy"]), snp["policy"]["raw"]),
        ("vmpl", want["vmpl"], snp["vmpl"]),
        ("platform_info", hex64(want["platform_info"]),
         snp["platform"]["raw"]),
        ("signer", "vlek" if int(want["key_info"], 16) >> 2 & 7 else "vcek",
         snp["signer"]),
        ("author_key_en", bool(int(want["key_info"], 16) & 1),
         snp["author_key_en"]),
        ("product", case["product"], snp["product"]),
        ("debug", bool(int(want["policy"], 16) >> 19 & 1),
         claims["tee"]["debug"]),
        ("simulated", False, claims["tee"]["simulated"]),
        ("anchor", "ARK-" + case["product"], claims["tee"]["anchor"]),
        ("current_version", want["current_version"],
         snp["firmware"]["current"]),
        ("committed_version", want["committed_version"],
         snp["firmware"]["committed"]),
        ("csp_id", case.get("csp_id"), snp.get("csp_id")),
    ]
    for k in ("report_data", "measurement", "host_data", "id_key_digest",
              "author_key_digest", "family_id", "image_id", "report_id",
              "chip_id"):
        pairs.append((k, want[k], snp[k]))
    for k in ("current", "reported", "committed", "launch"):
        pairs.append((k + "_tcb", want[k + "_tcb"], snp["tcb"][k]["raw"]))
    for k, path in TCB_NAMES.items():
        pairs.append(("tcb." + k, case["tcb"].get(k),
                      snp["tcb"]["reported"].get(path)))
    fms = bytes.fromhex(want["cpuid_fms"])
    for i, k in enumerate(("cpuid_family", "cpuid_model", "cpuid_stepping")):
        pairs.append((k, fms[i] if v3 else None, snp.get(k)))
    for k, path in (("launch_mit_vector", "launch"),
                    ("current_mit_vector", "current")):
        have = snp.get("mitigations", {}).get(path)
        if k in want:
            pairs.append((k, int(want[k], 16) if want[k] else None,
                          int(have, 16) if have else None))
        else:
            pairs.append((k, None, have))
    wrong = [(k, w, h) for k, w, h in pairs if w != h]
    if wrong:
        failures.append(name + " claims")
        print("FAIL %s: claims: %s" % (name, wrong))


def run_case(case):
    forms = [None]
    if case.get("container") == "coco-snp-json":
        forms.append("report")
    for form in forms:
        name = case["id"] + ("" if form is None else "-" + form)
        code, got = appraise(command(name, case, parts_of(case), [], form))
        if not judge(name, case["expect"], code, got):
            continue
        compare_claims(name, case, got["claims"])
        if "tpm" in case and got["claims"]["azure"]["quote_verified"] is not True:
            failures.append(name + " quote")
            print("FAIL %s: the quote is not in the claims" % name)


def run_mutation(m):
    name = m["id"]
    if any(op["op"] == "forge" for op in m["ops"]):
        judge(name, m["expect"], *run_forged(m))
        return
    case = dict(CASES[m["base"]])
    parts, extra = parts_of(case), []
    for op in m["ops"]:
        if op["op"] == "clock":
            case["verify_at"] = unix(op["at"])
        elif op["op"] == "policy":
            extra += policy_args(name, op)
        elif op["op"] == "replace":
            parts[op["target"]] = replacement(name, op["with"])
        else:
            parts[op["target"]] = mutate(parts[op["target"]], op)
    judge(name, m["expect"], *appraise(command(name, case, parts, extra)))


def run_structure(s):
    path = os.path.join(VECTORS, s["file"])
    if s["id"] == "azure-thim":
        case = CASES["milan-v2-sidecar"]
        judge(s["id"], "valid", *appraise(
            ["--cpu", os.path.join(VECTORS, case["report"]), "--certs", path,
             "--at", str(case["verify_at"])]))
    elif s["expect"].startswith("parse only"):
        # It parses; there is no certificate to go on with.
        judge(s["id"], "collateral.missing", *appraise(["--cpu", path]))
    else:
        judge(s["id"], s["expect"], *appraise(["--cpu", path]))


def main():
    for case in MANIFEST["cases"]:
        run_case(case)
    for m in MANIFEST["mutations"]:
        run_mutation(m)
    for s in MANIFEST["structure_only"]:
        run_structure(s)
    print("%d appraisals, %d failed" % (done, len(failures)))
    want = sum(len(MANIFEST[k])
               for k in ("cases", "mutations", "structure_only"))
    if done < want:
        print("FAIL only %d of %d ran" % (done, want))
        return 1
    return 1 if failures else 0


sys.exit(main())
