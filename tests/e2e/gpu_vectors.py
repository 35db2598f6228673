# SPDX-License-Identifier: Apache-2.0
"""Runs the NVIDIA vectors through `vouchsafe appraise --gpu --json` and
`vouchsafe collateral import`.

usage: gpu_vectors.py VOUCHSAFE VECTORS SCRATCH
"""
import base64
import copy
import hashlib
import json
import os
import re
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
    try:
        return p.returncode, json.loads(p.stdout)
    except ValueError:
        return p.returncode, {
            "error": {"code": "no JSON", "detail": p.stderr.decode()}}


def check(what, got, want, more=""):
    global done
    done += 1
    if got != want:
        failures.append(what)
        print("FAIL %s: %r, want %r %s" % (what, got, want, more))


# ---- a case as a set of parts, which operations change ---------------------

def load(case):
    return {
        "arch": case["arch"],
        "report": bytes.fromhex(vector(case["report"]["file"]).decode()),
        "chain": vector(case["chain"]["file"]).decode(),
        "nonce": case["nonce"],
        "rim.driver": maybe(case["rims"]["driver"]),
        "rim.vbios": maybe(case["rims"]["vbios"]),
        "verify_at": case["verify_at"],
    }


def maybe(name):
    return vector(name).decode() if name else None


BLOCK = re.compile(
    "-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", re.S)


def on_report(b, op):
    b, off = bytearray(b), op.get("off", 0)
    if op["op"] == "xor":
        b[off] ^= op["val"]
    elif op["op"] == "set":
        h = bytes.fromhex(op["hex"])
        b[off:off + len(h)] = h
    elif op["op"] == "truncate":
        b = b[:len(b) - op["by"]]
    elif op["op"] == "append":
        b += bytes.fromhex(op["hex"])
    else:
        raise KeyError(op["op"])
    return bytes(b)


def on_chain(pem, op):
    certs = BLOCK.findall(pem)
    if op["op"] == "use-file":
        return vector(op["file"]).decode()
    if op["op"] == "drop-cert":
        del certs[op["index"]]
    elif op["op"] == "append-cert":
        certs.append(certs[op["index"]])
    elif op["op"] == "replace-cert":
        certs[op["index"]] = vector(op["file"]).decode()
    elif op["op"] == "reverse":
        certs.reverse()
    else:
        raise KeyError(op["op"])
    return "\n".join(c.strip() for c in certs) + "\n"


def on_rim(xml, op):
    if op["op"] == "use-file":
        return vector(op["file"]).decode()
    if op["op"] == "remove":
        return None
    if op["op"] == "replace-first":
        assert op["from"] in xml
        return xml.replace(op["from"], op["to"], 1)
    if op["op"] == "replace-all":
        assert op["from"] in xml
        return xml.replace(op["from"], op["to"])
    if op["op"] == "truncate":
        return xml[:-op["by"]]
    m = re.search(op["pattern"], xml, re.S)
    if op["op"] == "regex-delete":
        return xml[:m.start()] + xml[m.end():]
    if op["op"] == "regex-duplicate":
        return xml[:m.end()] + m.group(0) + xml[m.end():]
    raise KeyError(op["op"])


def apply(parts, ops):
    parts = dict(parts)
    for op in ops:
        t = op["target"]
        if t == "report":
            parts[t] = on_report(parts[t], op)
        elif t == "chain":
            parts[t] = on_chain(parts[t], op)
        elif t.startswith("rim."):
            parts[t] = on_rim(parts[t], op)
        elif op["op"] == "copy-from-report":
            off = op["off"]
            parts[t] = parts["report"][off:off + op["len"]].hex()
        else:
            parts[t] = op.get("hex", op.get("value"))
    return parts


def rims(name, parts):
    args = []
    for key in "driver", "vbios":
        if parts["rim." + key] is not None:
            args += ["--gpu-%s-rim" % key,
                     scratch("%s/%s.xml" % (name, key),
                             parts["rim." + key].encode())]
    return args


def as_files(name, parts):
    return ["--gpu", scratch(name + "/report.bin", parts["report"]),
            "--gpu-certs", scratch(name + "/chain.pem",
                                   parts["chain"].encode()),
            "--gpu-arch", parts["arch"]] + rims(name, parts)


def as_json(name, parts):
    device = {"arch": parts["arch"], "nonce": "00" * 32,
              "evidence": base64.b64encode(parts["report"]).decode(),
              "certificate": base64.b64encode(
                  parts["chain"].encode()).decode()}
    return ["--gpu", scratch(name + "/evidence.json",
                             json.dumps([device]).encode())
            ] + rims(name, parts)


def appraise(parts, args):
    return tool("appraise", "--json", "--gpu-nonce", parts["nonce"], "--at",
                parts["verify_at"], *args)


# ---- what must come out -----------------------------------------------------

def mismatches(device):
    return sorted(device.get("driver", {}).get("mismatches", []) +
                  device["vbios"]["mismatches"])


def judge(name, code, out, expect):
    error = out.get("error", {}).get("code")
    if expect == "pass":
        check(name, (code, error, out.get("verified")), (0, None, True), out)
        return
    want, _, indices = expect.split(" ")[0].partition(":")
    if want == "MEAS_MISMATCH":
        check(name, (code, error, out.get("verified")), (1, want, True), out)
        got = mismatches(out["devices"][0])
        check(name + ": indices", got, [int(i) for i in indices.split(",")])
        if out["devices"][0]["kind"] == "gpu":
            gpu = out["claims"]["gpus"][0]
            check(name + ": claim", gpu["measurements"], "mismatch")
            check(name + ": claims", sorted(
                int(m.split(":")[1]) for m in gpu["mismatches"]), got)
        return
    check(name, (code, error, out.get("verified")), (3, want, False), out)
    check(name + ": no claims", "claims" in out, False)


def check_claims(name, out, want, case):
    d = out["devices"][0]
    get = {
        "hwmodel_cn": d["model"], "ueid": d["ueid"],
        "brom_serial": d["id"].upper(), "pdi": d["pdi"].upper(),
        "driver_version": d.get("driver_version"),
        "vbios_version": d["vbios_version"], "fwid": d["fwid_reported"],
        "blocks": d["blocks"],
        "measurements_compared": d.get("driver", {}).get("compared", 0) +
        d["vbios"]["compared"],
        "driver_rim_id": d.get("driver", {}).get("rim_id"),
        "vbios_rim_id": d["vbios"]["rim_id"],
    }
    for key, value in want.items():
        if key in get:
            check("%s: %s" % (name, key), get[key], value)
    if d["kind"] != "gpu":
        check(name + ": a switch is no GPU", "gpus" in out["claims"], False)
        return
    gpu = out["claims"]["gpus"][0]
    check(name + ": bound", gpu["bound"], True)
    check(name + ": simulated", gpu["simulated"], False)
    check(name + ": claim id", gpu["id"].upper(), want["brom_serial"])
    check(name + ": claim fwid", gpu["fwid_reported"], want["fwid"] == "match")
    check(name + ": nvdec0", gpu["nvdec0"], want["nvdec0"] == "aa")
    if "feature_flag" in want:
        check(name + ": mode", gpu["cc_mode"], want["feature_flag"].lower())
    both = case.get("rims") and all(case["rims"].values())
    check(name + ": measurements", gpu["measurements"],
          "match" if both else "absent")
    for key in "driver", "vbios":
        file = (case.get("rims") or {}).get(key)
        check("%s: document of the %s" % (name, key), gpu.get(key + "_rim"),
              hashlib.sha256(vector(file)).hexdigest() if file else None)


def run_cases():
    for case in MANIFEST["cases"]:
        parts = load(case)
        for form in as_files, as_json:
            name = "%s (%s)" % (case["id"], form.__name__)
            code, out = appraise(parts, form(case["id"], parts))
            judge(name, code, out, case["expect"])
            if case["expect"] == "pass" and case["claims"]:
                check_claims(name, out, case["claims"], case)


def run_operations():
    for m in MANIFEST["operations"]:
        base = CASES[m["base"]]
        parts = apply(load(base), m["ops"])
        for form in as_files, as_json:
            if form is as_json and parts["report"] == b"":
                continue
            name = "%s (%s)" % (m["id"], form.__name__)
            code, out = appraise(parts, form(m["id"], parts))
            judge(name, code, out, m["expect"])


# ---- sets of devices --------------------------------------------------------

def run_set(name, lists, nonce, at, expect):
    args = []
    for i, devices in enumerate(lists):
        args += ["--gpu", scratch("%s/%d.json" % (name, i),
                                  json.dumps(devices).encode())]
    code, out = appraise({"nonce": nonce, "verify_at": at}, args)
    judge(name, code, out, expect)
    return out


def single(case):
    parts = load(CASES[case])
    return {"arch": parts["arch"],
            "evidence": base64.b64encode(parts["report"]).decode(),
            "certificate": base64.b64encode(parts["chain"].encode()).decode()}


def negative(id, lists, nonce):
    lists = copy.deepcopy(lists)
    gpus, switches = lists
    if id == "drop-gpu-3":
        del gpus[3]
    elif id == "dup-gpu-0":
        gpus[7] = gpus[0]
    elif id == "drop-switch-1":
        del switches[1]
    elif id == "foreign-switch":
        switches[2] = single("ls10-full")
    elif id == "foreign-gpu":
        gpus[0] = json.loads(vector("evidence/hopper-590.12-single.json"))[0]
    elif id == "wrong-nonce":
        nonce = "00" * 32
    else:
        raise KeyError(id)
    return lists, nonce


def run_sets():
    for m in MANIFEST["multi"]:
        lists = [json.loads(vector(f)) for f in m["files"]]
        out = run_set(m["id"], lists, m["nonce"], m["verify_at"], m["expect"])
        if len(out.get("devices", [])) == 1:
            check_claims(m["id"], out, m["claims"], m)
        else:
            check_board(m, out)
        for n in m["negatives"]:
            changed, nonce = negative(n["id"], lists, m["nonce"])
            run_set("%s, %s" % (m["id"], n["id"]), changed, nonce,
                    m["verify_at"], n["expect"])


def check_board(m, out):
    devices, want = out["devices"], m["claims"]
    for kind, key in ("gpu", "gpu_pdis"), ("switch", "switch_pdis"):
        check(m["id"] + ": " + key,
              sorted(d["pdi"].upper() for d in devices if d["kind"] == kind),
              want[key])
    gpus = out["claims"]["gpus"]
    check(m["id"] + ": GPUs", len(gpus), want["gpus"])
    for g in gpus:
        check(m["id"] + ": claims", (
            g["topology"], g["cc_mode"], g["driver_version"],
            g["vbios_version"]), (
                True, "ppcie", want["driver_version"],
                want["vbios_version"]))


# ---- reference documents ----------------------------------------------------

def import_class(rim):
    if not rim["chain_to_pinned_root"]:
        return "RIM_CHAIN"
    return None if rim["signature_valid"] else "RIM_SIG"


def run_import():
    store = os.path.join(SCRATCH, "collateral")
    kept = 0
    for rim in MANIFEST["rims"]:
        file = rim["file"]
        code, out = tool("collateral", "import", "--json", "--collateral",
                         store, os.path.join(VECTORS, file))
        want = import_class(rim)
        check("import " + file, (code, out.get("error", {}).get("code")),
              (3 if want else 0, want), out)
        kept += want is None
    for file in sorted(os.listdir(os.path.join(VECTORS, "rims/forged"))):
        code, out = tool("collateral", "import", "--json", "--collateral",
                         store, os.path.join(VECTORS, "rims/forged", file))
        check("import " + file, code, 3, out)
        check("import %s: class" % file, out["error"]["code"] in (
            "RIM_SIG", "RIM_CHAIN"), True, out)
    check("files that were kept", len(os.listdir(store)), kept)
    return store


def run_status(store):
    code, out = tool("collateral", "status", "--json", "--collateral", store,
                     "--at", "2024-06-01T00:00:00Z")
    have = {i["sha256"]: i for i in out["items"] if i["kind"] == "rim"}
    for rim in MANIFEST["rims"]:
        known = have.get(rim["sha256"])
        check("status of " + rim["file"], known is not None,
              import_class(rim) is None)
        if known:
            check("dates of " + rim["file"], (
                known["not_before"], known["not_after"]), (
                    rim["valid_from"], rim["valid_to"]))


def run_store(store):
    """By id: of three documents for one VBIOS the one that fits."""
    for id, want in ("hopper-545-full", "match"), ("ls10-full", "match"), (
            "hopper-550", "absent"), ("blackwell-575", "absent"):
        parts = load(CASES[id])
        parts["rim.driver"] = parts["rim.vbios"] = None
        code, out = appraise(
            parts, as_files(id, parts) + ["--collateral", store])
        check(id + " from the store", code, 0, out)
        check(id + ": VBIOS", out["devices"][0]["vbios"]["result"], want)
        check(id + ": compared",
              out["devices"][0]["vbios"]["compared"] +
              out["devices"][0].get("driver", {}).get("compared", 0),
              CASES[id]["claims"]["measurements_compared"])
    parts = load(CASES["hopper-545-full"])
    parts["rim.driver"] = parts["rim.vbios"] = None
    parts["verify_at"] = "2026-01-01T00:00:00Z"
    args = as_files("late", parts) + ["--collateral", store]
    code, out = appraise(parts, args)
    judge("expired in the store", code, out, "RIM_TIME")
    code, out = appraise(parts, args + ["--allow-expired-rim"])
    check("expired and allowed", (code, out["claims"]["gpus"][0]
                                  ["rim_expired"]), (0, True), out)


def run_damaged(store):
    """A table in which one byte differs is no table, or, where it is in the
    document as published, not that document's: no pin fits it."""
    name = sorted(os.listdir(store))[0]
    sums = [r["sha256"] for r in MANIFEST["rims"]]
    data = bytearray(open(os.path.join(store, name), "rb").read())
    for at in 0, 9, 200, len(data) // 2, len(data) - 60:
        bad = bytearray(data)
        bad[at] ^= 1
        dir = os.path.dirname(scratch("damaged/%d/x.rim" % at, bytes(bad)))
        code, out = tool("collateral", "status", "--json", "--collateral",
                         dir)
        rims = [i for i in out.get("items", []) if i["kind"] == "rim"]
        check("byte %d of a table" % at, code in (2, 3) or (
            code == 1 and len(rims) == 1 and
            rims[0]["sha256"] not in sums), True, out)


def text(*args):
    p = subprocess.run([TOOL, "appraise", *args], capture_output=True,
                       timeout=60)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def run_people(store):
    """What people see, and what they may get wrong."""
    case = CASES["hopper-545-full"]
    parts = load(case)
    files = as_files("people", parts)
    at = ["--at", parts["verify_at"], "--gpu-nonce", parts["nonce"]]
    code, out, _ = text(*files, *at)
    check("text: verified", code, 0, out)
    for word in ("verified", "gpus[0].arch", "hopper", "match, 20 compared",
                 case["claims"]["driver_rim_id"]):
        check("text: " + word, word in out, True, out)
    parts["rim.vbios"] = vector(
        CASES["hopper-545-vbios-issue-b"]["rims"]["vbios"]).decode()
    code, out, _ = text(*as_files("people", parts), *at)
    check("text: mismatch", code, 1)
    check("text: which",
          "MEAS_MISMATCH: device 0: measurements differ: vbios:1 vbios:2 "
          "vbios:3 vbios:9" in out, True, out)
    none = [a for a in files[:6]]
    code, out, _ = text(*none, *at)
    check("text: no documents", code, 0)
    check("text: says so", "absent, no reference document" in out, True, out)
    # Hexadecimal text, and tables instead of XML.
    tables = sorted(f for f in os.listdir(store) if "545_00" in f)
    code, out = tool(
        "appraise", "--json", "--gpu",
        os.path.join(VECTORS, case["report"]["file"]), "--gpu-certs",
        os.path.join(VECTORS, case["chain"]["file"]), "--gpu-driver-rim",
        os.path.join(store, tables[0]), *at)
    check("hex and table", (code, out["devices"][0]["driver"]["result"]),
          (0, "match"), out)
    report, certs = files[1], files[3]
    for what, args in (
            ("no certificates", ["--gpu", report]),
            ("too many", ["--gpu", report, "--gpu-certs", certs,
                          "--gpu-certs", certs]),
            ("arch", files[:4] + ["--gpu-arch", "ada"]),
            ("nonce", files[:4] + ["--gpu-nonce", "00"]),
            ("no hex", files[:4] + ["--gpu-nonce", "xx"]),
            ("no file", ["--gpu", report + ".not", "--gpu-certs", certs]),
            ("nothing", []),
            ("policy", files + ["--policy", report, "--key", "a/b"]),
            ("files", ["--gpu", report] * 33)):
        code, out, err = text(*args)
        check("usage: " + what, code, 2, err)


def run_with_cpu():
    """CPU and GPU together, judged by one policy."""
    root = os.path.join(VECTORS, "..", "sev-snp")
    if not os.path.exists(os.path.join(root, "manifest.json")):
        return
    snp = [c for c in json.load(open(os.path.join(root, "manifest.json")))
           ["cases"] if "leaf" in c and "report" in c and
           "container" not in c][0]
    parts = load(CASES["hopper-550"])
    parts["verify_at"] = str(snp["verify_at"])
    gpu = as_files("both", parts)
    args = ["appraise", "--json", "--cpu", os.path.join(root, snp["report"]),
            "--gpu-nonce", parts["nonce"], "--at", parts["verify_at"]]
    for key in "leaf", "intermediate", "root":
        if key in snp:
            args += ["--certs", os.path.join(root, snp[key])]
    for rule, allow in (
            ('size(gpus) == 1 && gpus.all(g, g.arch == "hopper")', True),
            ("size(gpus) == 2", False),
            ('gpus.all(g, g.measurements == "match")', False)):
        policy = scratch("both/policy.yaml", (
            "apiVersion: policy/v1\nname: both\nversion: 1\nkeys: [\"**\"]\n"
            "tee: [snp]\nrules:\n  - id: gpus\n    assert: '%s'\nwaive:\n"
            % rule + "".join(
                "  - {check: %s, reason: one rule is tried, until: "
                "\"2100-01-01T00:00:00Z\"}\n" % c
                for c in ("debug", "tcb", "identity", "gpu-count",
                      "gpu-cc"))).encode())
        code, out = tool(*args, *gpu, "--policy", policy, "--key", "a/b")
        check("with a CPU: " + rule, (code, out.get("verdict", {})
                                      .get("allow")), (0 if allow else 1,
                                                       allow), out)
    bad = dict(parts, nonce="00" * 32)
    code, out = tool(*[bad["nonce"] if a == parts["nonce"] else a
                       for a in args], *gpu)
    check("good CPU, bad GPU", (code, out["error"]["code"], "claims" in out),
          (3, "GPU_NONCE", False), out)


run_cases()
run_operations()
run_sets()
store = run_import()
run_status(store)
run_store(store)
run_damaged(store)
run_people(store)
run_with_cpu()
print("%d checks, %d failed" % (done, len(failures)))
sys.exit(1 if failures or done < 400 else 0)
