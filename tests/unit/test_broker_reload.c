/* SPDX-License-Identifier: Apache-2.0 */
/* Policies and collateral from files: all of it loads, or nothing changes. */
#include "store_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/file.h"
#include "broker/broker_int.h"
#include "broker/dir.h"
#include "broker/policies.h"
#include "broker/reload.h"
#include "broker/signers.h"
#include "broker/view.h"
#include "collateral/amd_ca.h"
#include "collateral/intel_ca.h"
#include "collateral/nvidia_ca.h"
#include "store/policies.h"

static const char rules[] = "tee: [snp]\nkeys: [\"a/**\"]\n"
			    "lists: {a: {source: signed-file}}\n"
			    "rules:\n"
			    "  - id: one\n"
			    "    message: m\n"
			    "    assert: |\n"
			    "      !tee.debug && snp.tcb.reported.snp > 0 &&\n"
			    "      snp.measurement in lists.a\n";

struct place {
	char dir[64];
	char policies[96];
	char collateral[96];
	char made[16][160]; /* files to remove */
	size_t n;
	struct vs_config c;
	struct vs_config_anchor anchor;
	struct vs_broker *b;
	struct fixture f; /* the store */
};

static void
put(struct place *p, const char *folder, const char *name, struct vs_span data)
{
	char path[160];
	struct vs_err err = {0};

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	CHECK_OK(vs_file_write(path, data, 0600, &err), err);
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->made[i], path) == 0)
			return;
	if (CHECK(p->n < VS_COUNT(p->made)))
		memcpy(p->made[p->n++], path, sizeof path);
}

static void
put_version(struct place *p, const char *file, const char *name, int version,
    const char *more)
{
	char text[512];

	(void)snprintf(text, sizeof text,
	    "apiVersion: policy/v1\nname: %s\nversion: %d\n%s%s", name, version,
	    rules, more);
	put(p, p->policies, file, vs_span_cstr(text));
}

static void
put_policy(struct place *p, const char *file, const char *name)
{
	put_version(p, file, name, 1, "");
}

static void
place_init(struct place *p)
{
	struct vs_broker_options bo = {.nonce_ttl_s = 300, .workers = 1};
	struct vs_err err = {0};

	*p = (struct place){.n = 0};
	(void)snprintf(p->dir, sizeof p->dir, "/tmp/vs-reload-XXXXXX");
	if (mkdtemp(p->dir) == NULL)
		exit(1);
	(void)snprintf(p->policies, sizeof p->policies, "%s/policies", p->dir);
	(void)snprintf(
	    p->collateral, sizeof p->collateral, "%s/collateral", p->dir);
	p->c = (struct vs_config){
	    .policy_dir = p->policies, .collateral_dir = p->collateral};
	bo.clock = vs_clock_system();
	fixture_init(&p->f);
	bo.store = p->f.s;
	CHECK_OK(vs_broker_new(&bo, &p->b, &err), err);
}

static void
place_fini(struct place *p)
{
	vs_broker_free(&p->b);
	fixture_fini(&p->f);
	for (size_t i = 0; i < p->n; i++)
		(void)unlink(p->made[i]);
	(void)rmdir(p->policies);
	(void)rmdir(p->collateral);
	if (!CHECK(rmdir(p->dir) == 0))
		fprintf(stderr, "%s\n", p->dir);
}

static void
folders(struct place *p)
{
	CHECK(mkdir(p->policies, 0700) == 0);
	CHECK(mkdir(p->collateral, 0700) == 0);
}

static vs_status
reload(struct place *p, struct vs_err *err)
{
	vs_err_clear(err);
	return vs_reload(&p->c, p->b, 1767225600000, err);
}

static size_t
policies_in_force(struct place *p)
{
	struct vs_broker_loaded l;
	size_t n;

	vs_broker_loaded(p->b, &l);
	n = l.policies == NULL ? 99 : vs_policy_set_count(l.policies);
	vs_broker_loaded_fini(&l);
	return n;
}

static void
test_missing_folders_are_empty(void)
{
	struct place p;
	struct vs_broker_loaded l;
	struct vs_err err = {0};

	place_init(&p);
	CHECK_INT(policies_in_force(&p), 99);
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(policies_in_force(&p), 0);
	vs_broker_loaded(p.b, &l);
	/* The built-in authorities remain. */
	CHECK_INT(vs_collateral_count(l.collateral),
	    VS_AMD_CA_COUNT + VS_INTEL_CA_COUNT + VS_NV_ROOT_COUNT);
	CHECK_INT(l.loaded_ms, 1767225600000);
	vs_broker_loaded_fini(&l);
	place_fini(&p);
}

static void
test_policies_by_name(void)
{
	struct place p;
	struct vs_broker_loaded l;
	struct vs_err err = {0};

	place_init(&p);
	folders(&p);
	put_policy(&p, "b.yaml", "second");
	put_policy(&p, "a.yml", "first");
	/* Neither is a policy file. */
	put(&p, p.policies, "README.txt", VS_SPAN_LIT("not: [yaml"));
	put(&p, p.policies, ".b.yaml.swp", VS_SPAN_LIT("not: [yaml"));
	put(&p, p.policies, ".yaml", VS_SPAN_LIT("not: [yaml"));
	CHECK_OK(reload(&p, &err), err);
	vs_broker_loaded(p.b, &l);
	if (CHECK_INT(vs_policy_set_count(l.policies), 2)) {
		CHECK_STR(
		    vs_policy_name(vs_policy_set_at(l.policies, 0)), "first");
		CHECK_STR(
		    vs_policy_name(vs_policy_set_at(l.policies, 1)), "second");
	}
	vs_broker_loaded_fini(&l);
	place_fini(&p);
}

/* What is in force stays, to the bit. */
static void
check_kept(struct place *p, const char *digest)
{
	struct vs_broker_loaded l;

	vs_broker_loaded(p->b, &l);
	CHECK_STR(l.policies_hex, digest);
	if (CHECK_INT(vs_policy_set_count(l.policies), 1))
		CHECK_STR(
		    vs_policy_name(vs_policy_set_at(l.policies, 0)), "good");
	vs_broker_loaded_fini(&l);
}

static void
test_a_broken_policy_keeps_the_old_set(void)
{
	struct place p;
	struct vs_broker_loaded l;
	struct vs_err err = {0};
	char digest[65];

	place_init(&p);
	folders(&p);
	put_policy(&p, "good.yaml", "good");
	CHECK_OK(reload(&p, &err), err);
	vs_broker_loaded(p.b, &l);
	memcpy(digest, l.policies_hex, sizeof digest);
	vs_broker_loaded_fini(&l);
	put(&p, p.policies, "bad.yaml", VS_SPAN_LIT("name: [x\n"));
	CHECK(reload(&p, &err) != VS_OK);
	CHECK(strstr(err.msg, "/bad.yaml:") != NULL);
	check_kept(&p, digest);
	put(&p, p.policies, "bad.yaml",
	    VS_SPAN_LIT(
		"apiVersion: policy/v1\nname: bad\nversion: 1\n"
		"tee: [snp]\nkeys: [\"a/**\"]\nrules:\n  - id: x\n"
		"    message: m\n    assert: |\n      no.such.claim\n"));
	CHECK(reload(&p, &err) != VS_OK);
	CHECK(strstr(err.msg, "/bad.yaml:10:") != NULL);
	check_kept(&p, digest);
	/* Two of one name. */
	put_policy(&p, "bad.yaml", "good");
	CHECK_INT(reload(&p, &err), VS_CONFLICT);
	check_kept(&p, digest);
	put_policy(&p, "bad.yaml", "other");
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(policies_in_force(&p), 2);
	place_fini(&p);
}

static void
test_broken_collateral_keeps_the_old_set(void)
{
	struct place p;
	struct vs_err err = {0};

	place_init(&p);
	folders(&p);
	CHECK_OK(reload(&p, &err), err);
	put_policy(&p, "good.yaml", "good");
	put(&p, p.collateral, "x.crl", VS_SPAN_LIT("rubbish"));
	CHECK(reload(&p, &err) != VS_OK);
	CHECK(strstr(err.msg, "x.crl") != NULL);
	/* Nor the policy, which is fine: all or nothing. */
	CHECK_INT(policies_in_force(&p), 0);
	put(&p, p.collateral, "x.crl", vs_amd_cas[0].der);
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(policies_in_force(&p), 1);
	place_fini(&p);
}

static void
test_broken_anchor_keeps_the_old_set(void)
{
	struct place p;
	struct vs_err err = {0};
	char file[96];

	place_init(&p);
	folders(&p);
	CHECK_OK(reload(&p, &err), err);
	put_policy(&p, "good.yaml", "good");
	(void)snprintf(file, sizeof file, "%s/a.pem", p.dir);
	p.anchor = (struct vs_config_anchor){"lab", file};
	p.c.anchors = &p.anchor;
	p.c.anchors_n = 1;
	CHECK(reload(&p, &err) != VS_OK);
	CHECK(strstr(err.msg, "trust_anchors") != NULL);
	CHECK(strstr(err.msg, file) != NULL);
	put(&p, p.dir, "a.pem", VS_SPAN_LIT("rubbish"));
	CHECK(reload(&p, &err) != VS_OK);
	CHECK(strstr(err.msg, "lab") != NULL);
	/* An authority that is no root. */
	put(&p, p.dir, "a.pem", vs_amd_cas[1].der);
	CHECK(reload(&p, &err) != VS_OK);
	CHECK_INT(policies_in_force(&p), 0);
	place_fini(&p);
}

/* What is not a folder must not be taken for one that is not there. */
static void
test_folders_that_are_files(void)
{
	struct place p;
	struct vs_err err = {0};

	place_init(&p);
	CHECK_OK(reload(&p, &err), err);
	put(&p, p.dir, "policies", VS_SPAN_LIT("x"));
	CHECK(reload(&p, &err) != VS_OK);
	CHECK(strstr(err.msg, p.policies) != NULL);
	CHECK(unlink(p.policies) == 0);
	put(&p, p.dir, "collateral", VS_SPAN_LIT("x"));
	CHECK(reload(&p, &err) != VS_OK);
	CHECK(strstr(err.msg, p.collateral) != NULL);
	place_fini(&p);
}

static void
test_stamp_follows_the_files(void)
{
	struct place p;
	uint64_t last;
	uint64_t now;

	place_init(&p);
	last = vs_reload_stamp(&p.c);
	CHECK(last != 0);
	CHECK(last == vs_reload_stamp(&p.c));
#define CHANGED()                                                              \
	(now = vs_reload_stamp(&p.c), CHECK(now != last && now != 0),          \
	    last = now, CHECK(vs_reload_stamp(&p.c) == last))
	folders(&p);
	last = vs_reload_stamp(&p.c);
	put_policy(&p, "a.yaml", "one");
	CHANGED();
	put_policy(&p, "a.yaml", "two"); /* of the same size */
	CHANGED();
	put(&p, p.collateral, "c.crl", VS_SPAN_LIT("x"));
	CHANGED();
	CHECK(unlink(p.made[1]) == 0);
	CHANGED();
	p.c.tls_cert = p.made[1];
	CHANGED();
	put(&p, p.collateral, "c.crl", VS_SPAN_LIT("y"));
	CHANGED();
	p.c.tls_key = p.made[0];
	CHANGED();
	p.anchor = (struct vs_config_anchor){"a", p.made[0]};
	p.c.anchors = &p.anchor;
	p.c.anchors_n = 1;
	CHANGED();
#undef CHANGED
	place_fini(&p);
}

static void
test_check_reports_everything(void)
{
	struct place p;
	struct vs_buf report = {0};
	struct vs_err err = {0};

	place_init(&p);
	folders(&p);
	CHECK_OK(vs_reload_check(&p.c, 1767225600000, &report, &err), err);
	CHECK(strstr(vs_buf_cstr(&report),
		  "warning: no policy here: every release will be denied") !=
	    NULL);
	vs_buf_reset(&report);
	put_policy(&p, "a.yaml", "fine");
	/* The certificates of AMD end in the 2040s. */
	CHECK_OK(vs_reload_check(&p.c, 4102444800000, &report, &err), err);
	CHECK(strstr(vs_buf_cstr(&report), "is out of date\n") != NULL);
	vs_buf_reset(&report);
	put(&p, p.policies, "b.yaml", VS_SPAN_LIT("name: [x\n"));
	put(&p, p.policies, "c.yaml", VS_SPAN_LIT("what: ever\n"));
	CHECK(vs_reload_check(&p.c, 1767225600000, &report, &err) != VS_OK);
	/* The first is the error, all are in the report. */
	CHECK(strstr(err.msg, "/b.yaml:") != NULL);
	CHECK(strstr(vs_buf_cstr(&report), "/b.yaml:") != NULL);
	CHECK(strstr(vs_buf_cstr(&report), "/c.yaml:") != NULL);
	CHECK(strstr(vs_buf_cstr(&report), ": error: ") != NULL);
	vs_buf_fini(&report);
	place_fini(&p);
}

static void
test_too_many_policies(void)
{
	struct place p;
	struct vs_err err = {0};
	char file[160];

	place_init(&p);
	folders(&p);
	put_policy(&p, "a.yaml", "one");
	for (int i = 0; i < VS_POLICY_FILES_MAX; i++) {
		(void)snprintf(file, sizeof file, "%s/l%d.yaml", p.policies, i);
		CHECK(link(p.made[0], file) == 0);
	}
	CHECK_INT(reload(&p, &err), VS_LIMITED);
	for (int i = 0; i < VS_POLICY_FILES_MAX; i++) {
		(void)snprintf(file, sizeof file, "%s/l%d.yaml", p.policies, i);
		CHECK(unlink(file) == 0);
	}
	place_fini(&p);
}

static void
test_dir(void)
{
	struct place p;
	struct vs_dir d;
	struct vs_file_facts f;
	struct vs_err err = {0};

	place_init(&p);
	CHECK_OK(vs_dir_read(p.policies, &d, &err), err);
	CHECK_INT(d.n, 0);
	vs_dir_fini(&d);
	folders(&p);
	put(&p, p.policies, "b", VS_SPAN_LIT("12"));
	put(&p, p.policies, "a", VS_SPAN_LIT("1"));
	put(&p, p.policies, ".c", VS_SPAN_LIT("1"));
	CHECK_OK(vs_dir_read(p.policies, &d, &err), err);
	if (CHECK_INT(d.n, 2)) {
		CHECK_STR(d.paths[0], p.made[1]);
		CHECK_STR(d.paths[1], p.made[0]);
	}
	vs_dir_fini(&d);
	vs_file_facts(p.made[0], &f);
	CHECK_INT(f.size, 2);
	CHECK(f.mtime_ns > 0 && f.inode > 0);
	vs_file_facts("/nonexistent", &f);
	CHECK(f.size == 0 && f.mtime_ns == 0 && f.inode == 0);
	place_fini(&p);
}

static int64_t
version_in_force(struct place *p)
{
	struct vs_broker_loaded l;
	int64_t v;

	vs_broker_loaded(p->b, &l);
	v = vs_policy_set_count(l.policies) == 1
	    ? vs_policy_version(vs_policy_set_at(l.policies, 0))
	    : -1;
	vs_broker_loaded_fini(&l);
	return v;
}

static void
restart(struct place *p)
{
	struct vs_broker_options bo = {.nonce_ttl_s = 300, .workers = 1};
	struct vs_err err = {0};

	vs_broker_free(&p->b);
	CHECK_OK(fixture_reopen(&p->f), p->f.err);
	bo.clock = vs_clock_system();
	bo.store = p->f.s;
	CHECK_OK(vs_broker_new(&bo, &p->b, &err), err);
}

static void
refused(struct place *p, const char *why)
{
	struct vs_err err = {0};

	CHECK_INT(reload(p, &err), VS_CONFLICT);
	if (!CHECK(strstr(err.msg, why) != NULL))
		fprintf(stderr, "  %s\n", err.msg);
}

/* Also over a restart: the store remembers. */
static void
test_version_must_grow(void)
{
	struct place p;
	struct vs_err err = {0};

	place_init(&p);
	folders(&p);
	put_version(&p, "a.yaml", "a", 3, "");
	CHECK_OK(reload(&p, &err), err);
	put_version(&p, "a.yaml", "a", 3, "# other\n");
	refused(&p, "another content: write version: 4");
	put_version(&p, "a.yaml", "a", 2, "");
	refused(&p, "is older than version 3");
	CHECK_INT(version_in_force(&p), 3);
	restart(&p);
	refused(&p, "vouchsafe policy rollback a");
	CHECK_INT(policies_in_force(&p), 99);
	put_version(&p, "a.yaml", "a", 3, "");
	CHECK_OK(reload(&p, &err), err);
	put_version(&p, "a.yaml", "a", 4, "# other\n");
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(version_in_force(&p), 4);
	/* Gone for a while is not forgotten. */
	put(&p, p.policies, "a.yaml", VS_SPAN_LIT(""));
	(void)unlink(p.made[0]);
	CHECK_OK(reload(&p, &err), err);
	put_version(&p, "b.yaml", "a", 3, "");
	refused(&p, "is older than version 4");
	place_fini(&p);
}

static size_t
records(struct place *p, const char *action)
{
	struct vs_audit_filter f = {
	    .action = vs_span_cstr(action), .limit = 100};
	struct vs_audit_row *rows;
	size_t n = 0;

	CHECK_OK(vs_store_audit_list(p->f.s, &f, &p->f.a, &rows, &n, &p->f.err),
	    p->f.err);
	return n;
}

/* What was in force can be looked up by the digest of its records. */
static void
test_every_set_is_kept(void)
{
	struct place p;
	struct vs_broker_loaded l;
	struct vs_policy_row row;
	struct vs_span hashes;
	uint8_t digest[32];
	struct vs_err err = {0};

	place_init(&p);
	folders(&p);
	put_version(&p, "a.yaml", "a", 1, "");
	put_version(&p, "b.yaml", "b", 1, "");
	CHECK_OK(reload(&p, &err), err);
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(records(&p, "policy.load"), 1);
	vs_broker_loaded(p.b, &l);
	CHECK_INT(vs_unhex(vs_span_cstr(l.policies_hex), digest, 32), VS_OK);
	vs_broker_loaded_fini(&l);
	put_version(&p, "a.yaml", "a", 2, "");
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(records(&p, "policy.load"), 2);
	restart(&p);
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(records(&p, "policy.load"), 2);
	CHECK_OK(
	    vs_store_policy_set(p.f.s, digest, &p.f.a, &hashes, &err), err);
	CHECK_INT(hashes.n, 64);
	CHECK_OK(
	    vs_store_policy_hash(p.f.s, hashes.p, &p.f.a, &row, &err), err);
	CHECK(vs_span_is(row.name, "a") && row.version == 1);
	place_fini(&p);
}

/* A file that is gone while nothing runs: a set that was in force some time
 * ago is in force again, and that is on record. */
static void
test_a_set_that_changed_over_a_restart(void)
{
	struct place p;
	struct vs_err err = {0};

	place_init(&p);
	folders(&p);
	put_version(&p, "a.yaml", "a", 1, "");
	CHECK_OK(reload(&p, &err), err);
	put_version(&p, "b.yaml", "b", 1, "");
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(records(&p, "policy.load"), 2);
	vs_broker_free(&p.b);
	CHECK(unlink(p.made[1]) == 0);
	restart(&p);
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(records(&p, "policy.load"), 3);
	place_fini(&p);
}

/* The way back is an act of its own; a new version ends it. */
static void
test_rollback(void)
{
	struct place p;
	struct vs_rollback r;
	struct vs_span a = VS_SPAN_LIT("a"), who = VS_SPAN_LIT("uid:0");
	struct vs_err err = {0};

	place_init(&p);
	folders(&p);
	put_version(&p, "a.yaml", "a", 1, "");
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(
	    vs_broker_rollback(p.b, who, a, 0, false, &r, &err), VS_CONFLICT);
	CHECK_STR(err.code, "policy.first");
	CHECK_INT(
	    vs_broker_rollback(p.b, who, VS_SPAN_LIT("b"), 0, false, &r, &err),
	    VS_NOT_FOUND);
	put_version(&p, "a.yaml", "a", 2, "# two\n");
	CHECK_OK(reload(&p, &err), err);
	CHECK_OK(vs_broker_rollback(p.b, who, a, 0, true, &r, &err), err);
	CHECK_INT(records(&p, "policy.rollback"), 0);
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(version_in_force(&p), 2);
	CHECK_OK(vs_broker_rollback(p.b, who, a, 0, false, &r, &err), err);
	CHECK_INT(r.from, 2);
	CHECK_INT(r.to, 1);
	CHECK_INT(records(&p, "policy.rollback"), 1);
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(version_in_force(&p), 1);
	restart(&p);
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(version_in_force(&p), 1);
	/* The file of that very version is fine, another is not. */
	put_version(&p, "a.yaml", "a", 1, "");
	CHECK_OK(reload(&p, &err), err);
	put_version(&p, "a.yaml", "a", 1, "# forged\n");
	refused(&p, "another content");
	put_version(&p, "a.yaml", "a", 2, "# two\n");
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(version_in_force(&p), 1);
	CHECK_INT(
	    vs_broker_rollback(p.b, who, a, 9, false, &r, &err), VS_NOT_FOUND);
	CHECK_INT(
	    vs_broker_rollback(p.b, who, a, 1, false, &r, &err), VS_CONFLICT);
	/* Forward again, and back by the undo of a reload that failed. */
	CHECK_OK(vs_broker_rollback(p.b, who, a, 2, false, &r, &err), err);
	CHECK_INT(r.before, 1);
	CHECK_OK(vs_broker_rollback_undo(p.b, who, a, &r, &err), err);
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(version_in_force(&p), 1);
	put_version(&p, "a.yaml", "a", 3, "");
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(version_in_force(&p), 3);
	put_version(&p, "a.yaml", "a", 2, "# two\n");
	refused(&p, "is older than version 3");
	place_fini(&p);
}

static void
sign_policy(struct place *p, const char *file, const struct vs_signer *key)
{
	char path[160];
	struct vs_sig_file f = {.n = 1};
	struct vs_verifier *v = NULL;
	struct vs_buf pem = {0}, text = {0}, message = {0}, out = {0};
	struct vs_err err = {0};

	(void)snprintf(path, sizeof path, "%s/%s", p->policies, file);
	CHECK_OK(vs_file_read(path, 4096, &text, &err), err);
	vs_sig_message(vs_buf_span(&text), &message);
	CHECK_OK(vs_signer_public(key, &pem, &err), err);
	CHECK_OK(vs_verifier_read(vs_buf_span(&pem), &v, &err), err);
	memcpy(f.v[0].key, vs_verifier_id(v), sizeof f.v[0].key);
	f.v[0].alg = VS_SPAN_LIT("ed25519");
	CHECK_OK(vs_sign(key, vs_buf_span(&message), f.v[0].sig, &err), err);
	vs_sig_file_write(&f, &out);
	(void)snprintf(path, sizeof path, "%s.sig", file);
	put(p, p->policies, path, vs_buf_span(&out));
	vs_verifier_free(&v);
	vs_buf_fini(&pem);
	vs_buf_fini(&text);
	vs_buf_fini(&message);
	vs_buf_fini(&out);
}

static void
untrusted(struct place *p)
{
	struct vs_err err = {0};

	CHECK_INT(reload(p, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "policy.signatures");
}

/* An old version with its valid signature is old all the same. */
static void
test_unsigned_policy_does_not_load(void)
{
	struct place p;
	struct vs_signer *key = NULL;
	struct vs_buf pem = {0}, report = {0};
	struct vs_rollback r;
	struct vs_err err = {0};
	char file[128];
	const char *keys[] = {file};

	place_init(&p);
	folders(&p);
	CHECK_OK(vs_signer_new(VS_SIGN_ED25519, &key, &err), err);
	CHECK_OK(vs_signer_public(key, &pem, &err), err);
	put(&p, p.dir, "signer.pem", vs_buf_span(&pem));
	(void)snprintf(file, sizeof file, "%s/signer.pem", p.dir);
	p.c.policy_keys = keys;
	p.c.policy_keys_n = 1;
	p.c.policy_threshold = 1;
	put_version(&p, "a.yaml", "a", 1, "");
	untrusted(&p);
	CHECK_INT(
	    vs_reload_check(&p.c, 1767225600000, &report, &err), VS_UNTRUSTED);
	sign_policy(&p, "a.yaml", key);
	CHECK_OK(reload(&p, &err), err);
	put_version(&p, "a.yaml", "a", 2, "# two\n");
	untrusted(&p);
	CHECK_INT(version_in_force(&p), 1);
	sign_policy(&p, "a.yaml", key);
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(version_in_force(&p), 2);
	put_version(&p, "a.yaml", "a", 1, "");
	sign_policy(&p, "a.yaml", key);
	refused(&p, "is older than version 2");
	/* What is gone back to is held against the signers as well. */
	put_version(&p, "a.yaml", "a", 2, "# two\n");
	sign_policy(&p, "a.yaml", key);
	CHECK_OK(vs_broker_rollback(p.b, VS_SPAN_LIT("uid:0"), VS_SPAN_LIT("a"),
		     0, false, &r, &err),
	    err);
	CHECK_OK(reload(&p, &err), err);
	CHECK_INT(version_in_force(&p), 1);
	p.c.policy_threshold = 2;
	CHECK_INT(reload(&p, &err), VS_USAGE);
	vs_signer_free(&key);
	vs_buf_fini(&pem);
	vs_buf_fini(&report);
	place_fini(&p);
}

static void
test_two_policies_of_a_name_write_nothing(void)
{
	struct place p;
	struct vs_policy_row *rows;
	size_t n = 9;
	struct vs_err err = {0};

	place_init(&p);
	folders(&p);
	put_version(&p, "a.yaml", "a", 1, "");
	put_version(&p, "b.yaml", "a", 2, "");
	CHECK_INT(reload(&p, &err), VS_CONFLICT);
	CHECK_OK(vs_store_policy_list(
		     p.f.s, VS_SPAN_LIT(""), &p.f.a, &rows, &n, &err),
	    err);
	CHECK_INT(n, 0);
	place_fini(&p);
}

int
main(void)
{
	RUN(test_missing_folders_are_empty);
	RUN(test_policies_by_name);
	RUN(test_a_broken_policy_keeps_the_old_set);
	RUN(test_broken_collateral_keeps_the_old_set);
	RUN(test_broken_anchor_keeps_the_old_set);
	RUN(test_folders_that_are_files);
	RUN(test_stamp_follows_the_files);
	RUN(test_check_reports_everything);
	RUN(test_too_many_policies);
	RUN(test_dir);
	RUN(test_version_must_grow);
	RUN(test_every_set_is_kept);
	RUN(test_a_set_that_changed_over_a_restart);
	RUN(test_rollback);
	RUN(test_unsigned_policy_does_not_load);
	RUN(test_two_policies_of_a_name_write_nothing);
	return check_result();
}
