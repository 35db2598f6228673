/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: defaults, every key, and every way to get it wrong. */
#include "check.h"

#include <unistd.h>

#include "base/file.h"
#include "broker/config.h"
#include "broker/config_value.h"

static char dir[64];
static char path[96];

static vs_status
load(const char *text, struct vs_config *c, struct vs_err *err)
{
	struct vs_err wr = {0};

	*c = (struct vs_config){0};
	vs_err_clear(err);
	CHECK_OK(vs_file_write(path, vs_span_cstr(text), 0600, &wr), wr);
	return vs_config_load(path, NULL, c, err);
}

/* want: what follows the path of the file. */
static void
refused_at(const char *text, const char *want, int line)
{
	struct vs_config c;
	struct vs_err err = {0};
	size_t n = strlen(path);

	if (!CHECK(load(text, &c, &err) != VS_OK)) {
		fprintf(stderr, "line %d: %s\n", line, text);
		vs_config_fini(&c);
		return;
	}
	CHECK_INT(vs_status_exit(err.status), 2);
	if (!CHECK(strncmp(err.msg, path, n) == 0) ||
	    !CHECK_STR(err.msg + n, want))
		fprintf(stderr, "line %d: %s\n", line, err.msg);
	CHECK(c.data == NULL && c.arena.head == NULL);
}
#define REFUSED(text, want) refused_at((text), (want), __LINE__)

/* What is demanded of provenance must leave somebody out. */
static void
test_proofs(void)
{
	static const char github[] =
	    "https://token.actions.githubusercontent.com";
	static const struct {
		const char *issuer, *more, *want;
	} cases[] = {
	    {"https://ci.example",
		"trusted_root: r, identity: \"ci@a.example\"", NULL},
	    {"https://ci.example", "trusted_root: r, identity: \"**\"",
		"identity: would take everybody"},
	    {"https://ci.example", "trusted_root: r, identity: \"*@*.*\"",
		"identity: would take everybody"},
	    {"https://ci.example", "keys: [k], identity: a",
		"issuer and identity are of certificates: they need a "
		"trusted_root"},
	    {github, "trusted_root: r, identity: \"https://github.com/o/**\"",
		"with this issuer it needs source_uri or source_repo_id: "
		"anybody can call a workflow"},
	    {github,
		"trusted_root: r, identity: \"https://github.com/o/**\", "
		"source_repo_id: \"7\"",
		NULL},
	    {github,
		"trusted_root: r, identity: \"https://github.com/o/**\", "
		"source_uri: https://github.com/o/r",
		NULL},
	};

	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		struct vs_config c;
		struct vs_err err = {0};
		char text[512], want[256];

		(void)snprintf(text, sizeof text,
		    "lists:\n  l:\n    kind: text\n    provenance:\n"
		    "      {issuer: \"%s\", %s}\n",
		    cases[i].issuer, cases[i].more);
		if (cases[i].want == NULL) {
			if (CHECK_OK(load(text, &c, &err), err))
				vs_config_fini(&c);
			continue;
		}
		(void)snprintf(
		    want, sizeof want, ":5:7: provenance: %s", cases[i].want);
		REFUSED(text, want);
	}
}

static void
test_defaults(void)
{
	struct vs_config c;
	struct vs_err err = {0};

	CHECK_OK(vs_config_load(NULL, NULL, &c, &err), err);
	CHECK_STR(c.data, "vouchsafe-data");
	CHECK_STR(c.listen, "127.0.0.1:8443");
	CHECK(!c.tls_off && c.tls_cert == NULL && c.tls_key == NULL);
	CHECK_INT(c.workers, 16);
	CHECK_INT(c.max_body, 2 * 1024 * 1024);
	CHECK_INT(c.max_connections, 1024);
	CHECK_INT(c.max_connections_per_address, 256);
	CHECK_INT(c.max_in_flight, 256);
	CHECK_INT(c.idle_timeout_s, 30);
	CHECK_INT(c.request_timeout_s, 30);
	CHECK_STR(c.admin_socket, "vouchsafe-data/admin.sock");
	CHECK(c.admin_group == NULL);
	CHECK_STR(c.policy_dir, "vouchsafe-data/policies");
	CHECK_STR(c.collateral_dir, "vouchsafe-data/collateral");
	CHECK_INT(c.anchors_n, 0);
	CHECK_INT(c.crl, VS_CRL_REQUIRE);
	CHECK(!c.allow_masked_chip_id);
	CHECK(!c.allow_expired_rim);
	CHECK_INT(c.nonce_ttl_s, 300);
	CHECK(c.keeper_program == NULL);
	CHECK_STR(c.seal.path, "vouchsafe-data/root.seal");
	CHECK_INT(c.log_level, VS_LOG_INFO);
	vs_config_fini(&c);
	CHECK(c.data == NULL);
}

static const char full[] = "data: /d\n"
			   "policy_dir: /p\n"
			   "collateral_dir: /c\n"
			   "trust_anchors:\n"
			   "  - name: lab\n"
			   "    file: /a.pem\n"
			   "  - {file: b.pem, name: two}\n"
			   "crl: if-present\n"
			   "allow_masked_chip_id: true\n"
			   "allow_expired_rim: true\n"
			   "nonce_ttl: 2m\n"
			   "log_level: debug\n"
			   "guest:\n"
			   "  listen: 192.0.2.1:443\n"
			   "  tls:\n"
			   "    cert: /t.pem\n"
			   "    key: /t.key\n"
			   "  workers: 3\n"
			   "  max_body: 64KiB\n"
			   "  max_connections: 11\n"
			   "  max_connections_per_address: 12\n"
			   "  max_in_flight: 13\n"
			   "  idle_timeout: 14s\n"
			   "  request_timeout: 1h\n"
			   "admin:\n"
			   "  socket: /s\n"
			   "  group: ops\n"
			   "keeper:\n"
			   "  program: /k\n"
			   "seal:\n"
			   "  kind: file\n"
			   "  file: /root\n";

static void
check_full_guest(const struct vs_config *c)
{
	CHECK_STR(c->listen, "192.0.2.1:443");
	CHECK_STR(c->tls_cert, "/t.pem");
	CHECK_STR(c->tls_key, "/t.key");
	CHECK(!c->tls_off);
	CHECK_INT(c->workers, 3);
	CHECK_INT(c->max_body, 65536);
	CHECK_INT(c->max_connections, 11);
	CHECK_INT(c->max_connections_per_address, 12);
	CHECK_INT(c->max_in_flight, 13);
	CHECK_INT(c->idle_timeout_s, 14);
	CHECK_INT(c->request_timeout_s, 3600);
}

static void
test_every_key(void)
{
	struct vs_config c;
	struct vs_err err = {0};
	char want[128];

	if (!CHECK_OK(load(full, &c, &err), err))
		return;
	check_full_guest(&c);
	CHECK_STR(c.data, "/d");
	CHECK_STR(c.policy_dir, "/p");
	CHECK_STR(c.collateral_dir, "/c");
	if (CHECK_INT(c.anchors_n, 2)) {
		CHECK_STR(c.anchors[0].name, "lab");
		CHECK_STR(c.anchors[0].file, "/a.pem");
		CHECK_STR(c.anchors[1].name, "two");
		(void)snprintf(want, sizeof want, "%s/b.pem", dir);
		CHECK_STR(c.anchors[1].file, want);
	}
	CHECK_INT(c.crl, VS_CRL_IF_PRESENT);
	CHECK(c.allow_masked_chip_id);
	CHECK(c.allow_expired_rim);
	CHECK_INT(c.nonce_ttl_s, 120);
	CHECK_INT(c.log_level, VS_LOG_DEBUG);
	CHECK_STR(c.admin_socket, "/s");
	CHECK_STR(c.admin_group, "ops");
	CHECK_STR(c.keeper_program, "/k");
	CHECK_STR(c.seal.path, "/root");
	vs_config_fini(&c);
}

static void
test_paths_are_relative_to_the_file(void)
{
	struct vs_config c;
	struct vs_err err = {0};
	char want[128];

	CHECK_OK(load("data: d\npolicy_dir: ../p\n", &c, &err), err);
	(void)snprintf(want, sizeof want, "%s/d", dir);
	CHECK_STR(c.data, want);
	(void)snprintf(want, sizeof want, "%s/../p", dir);
	CHECK_STR(c.policy_dir, want);
	(void)snprintf(want, sizeof want, "%s/d/root.seal", dir);
	CHECK_STR(c.seal.path, want);
	vs_config_fini(&c);
	/* What was said on the command line is relative to there, and wins;
	 * but a path that the file names stays. */
	CHECK_OK(vs_config_load(path, "over", &c, &err), err);
	CHECK_STR(c.data, "over");
	CHECK_STR(c.collateral_dir, "over/collateral");
	CHECK_STR(c.admin_socket, "over/admin.sock");
	(void)snprintf(want, sizeof want, "%s/../p", dir);
	CHECK_STR(c.policy_dir, want);
	vs_config_fini(&c);
}

static void
test_a_file_without_folder(void)
{
	struct vs_config c;
	struct vs_err err = {0};
	char cwd[512];

	CHECK(getcwd(cwd, sizeof cwd) != NULL);
	CHECK_OK(load("data: d\n", &c, &err), err);
	vs_config_fini(&c);
	if (CHECK(chdir(dir) == 0)) {
		CHECK_OK(vs_config_load("c.yaml", NULL, &c, &err), err);
		CHECK_STR(c.data, "d");
		vs_config_fini(&c);
	}
	CHECK(chdir(cwd) == 0);
}

static void
test_unknown_keys(void)
{
	REFUSED("log_levl: info\n",
	    ":1:1: unknown key \"log_levl\"; did you mean "
	    "\"log_level\"?");
	REFUSED("guest:\n  max_bdy: 1\n",
	    ":2:3: unknown key \"guest.max_bdy\"; did you mean \"max_body\"?");
	REFUSED("guest:\n  tls:\n    crt: x\n",
	    ":3:5: unknown key \"guest.tls.crt\"; did you mean \"cert\"?");
	REFUSED("gest:\n  listen: x\n",
	    ":1:1: unknown key \"gest\"; did you mean \"guest\"?");
	REFUSED("zzzzzz: 1\n", ":1:1: unknown key \"zzzzzz\"");
	REFUSED("guest: {data: x}\n", ":1:9: unknown key \"guest.data\"");
	REFUSED("listen: x\n",
	    ":1:1: unknown key \"listen\"; "
	    "did you mean \"lists\"?");
	/* How we speak of a key is not how it is written. */
	REFUSED("guest.listen: 127.0.0.1:1\n",
	    ":1:1: unknown key \"guest.listen\"");
	REFUSED(
	    "guest:\n  tls.cert: x\n", ":2:3: unknown key \"guest.tls.cert\"");
	REFUSED("\"guest.tls\": off\n", ":1:1: unknown key \"guest.tls\"");
	REFUSED(
	    "\"guest.tls\": {cert: x}\n", ":1:1: unknown key \"guest.tls\"");
	REFUSED("\"\": 1\n", ":1:1: unknown key \"\"");
	REFUSED("data: x\ndata: y\n",
	    ":2:1: duplicate key \"data\", first on line 1");
}

/* Half of it must not mean that nobody has to sign. */
static void
test_policy_signers(void)
{
	struct vs_config c;
	struct vs_err err = {0};

	CHECK_OK(load("policy_signers:\n  threshold: 2\n"
		      "  keys: [/a.pem, /b.pem]\n",
		     &c, &err),
	    err);
	CHECK_INT(c.policy_threshold, 2);
	CHECK_INT(c.policy_keys_n, 2);
	CHECK_STR(c.policy_keys[1], "/b.pem");
	vs_config_fini(&c);
	REFUSED("policy_signers:\n  threshold: 2\n",
	    ":2:3: policy_signers: needs both threshold and keys");
	REFUSED("policy_signers:\n  keys: [/a.pem]\n",
	    ":2:3: policy_signers: needs both threshold and keys");
	REFUSED("policy_signers: {}\n",
	    ":1:17: policy_signers: needs both threshold and keys");
	REFUSED("policy_signers:\n  threshold: 0\n  keys: [/a.pem]\n",
	    ":2:14: policy_signers.threshold: must be from 1 to 32");
	REFUSED("policy_signers:\n  threshold: 1\n  keys: /a.pem\n",
	    ":3:9: policy_signers.keys: must be a list of 1 to 32 files");
	REFUSED("policy_signers: off\n",
	    ":1:17: policy_signers: must hold keys of its own");
}

static void
test_a_long_unknown_key(void)
{
	char text[400];
	struct vs_config c;
	struct vs_err err = {0};

	memset(text, 'k', 300);
	memcpy(text + 300, ": 1\n", 5);
	CHECK_INT(load(text, &c, &err), VS_USAGE);
	CHECK(strstr(err.msg, ":1:1: unknown key \"kkk") != NULL);
	/* Cut to a known key, it must not become it. */
	memcpy(text, "data", 4);
	CHECK_INT(load(text, &c, &err), VS_USAGE);
}

static void
test_shapes(void)
{
	REFUSED("- a\n", ":1:1: configuration: must be keys and values");
	REFUSED("just text\n", ":1:1: configuration: must be keys and values");
	REFUSED("guest: on\n", ":1:8: guest: must hold keys of its own");
	REFUSED("guest:\n", ":1:7: guest: must hold keys of its own");
	REFUSED("seal: file\n", ":1:7: seal: must hold keys of its own");
	REFUSED("data: {a: b}\n", ":1:7: data: must be one value");
	REFUSED("data: [a]\n", ":1:7: data: must be one value");
	REFUSED("data: ''\n", ":1:7: data: must not be empty");
	REFUSED(
	    "admin:\n  group: ''\n", ":2:10: admin.group: must not be empty");
	REFUSED("guest:\n  tls: [a]\n", ":2:8: guest.tls: must be one value");
	REFUSED("", ":1:1: the document is empty");
	REFUSED("a: [\n",
	    ":2:1: did not find expected node content while "
	    "parsing a flow node");
}

static void
test_numbers(void)
{
	static const char count[] = ":2:12: guest.workers: must be a whole "
				    "number";

	REFUSED("guest:\n  workers: x\n", count);
	REFUSED("guest:\n  workers: -1\n", count);
	REFUSED("guest:\n  workers: ''\n", count);
	REFUSED("guest:\n  workers: 1.5\n", count);
	REFUSED("guest:\n  workers: 9999999999999\n", count);
	REFUSED("guest:\n  workers: 0\n",
	    ":2:12: guest.workers: must be from 1 to 256");
	REFUSED("guest:\n  workers: 257\n",
	    ":2:12: guest.workers: must be from 1 to 256");
	REFUSED("guest:\n  max_body: 4095\n",
	    ":2:13: guest.max_body: must be from 4096 to 16777216");
	REFUSED("guest:\n  max_body: 17MiB\n",
	    ":2:13: guest.max_body: must be from 4096 to 16777216");
	REFUSED("guest:\n  max_body: 64kb\n",
	    ":2:13: guest.max_body: must be a size such as 65536, 64KiB or "
	    "2MiB");
	REFUSED("nonce_ttl: 9s\n",
	    ":1:12: nonce_ttl: must be from 10 to 3600 seconds");
	REFUSED("nonce_ttl: 2h\n",
	    ":1:12: nonce_ttl: must be from 10 to 3600 seconds");
	REFUSED("nonce_ttl: 5d\n",
	    ":1:12: nonce_ttl: must be a duration such as 30s, 5m or 1h");
	REFUSED("guest:\n  idle_timeout: 0\n",
	    ":2:17: guest.idle_timeout: must be from 1 to 3600 seconds");
	REFUSED("guest:\n  request_timeout: 61m\n",
	    ":2:20: guest.request_timeout: must be from 1 to 3600 seconds");
	REFUSED("guest:\n  max_connections: 65537\n",
	    ":2:20: guest.max_connections: must be from 1 to 65536");
	REFUSED("guest:\n  max_connections_per_address: 0\n",
	    ":2:32: guest.max_connections_per_address: must be from 1 to "
	    "65536");
	REFUSED("guest:\n  max_in_flight: 0\n",
	    ":2:18: guest.max_in_flight: must be from 1 to 65536");
}

static void
test_choices(void)
{
	REFUSED("crl: no\n", ":1:6: crl: must be require, if-present or off");
	REFUSED("log_level: loud\n",
	    ":1:12: log_level: must be error, warn, info or debug");
	REFUSED("allow_masked_chip_id: yes\n",
	    ":1:23: allow_masked_chip_id: must be true or false");
	REFUSED("seal:\n  kind: paper\n",
	    ":2:9: seal.kind: must be file, tpm2, pkcs11 or shamir");
	REFUSED("guest:\n  tls: on\n",
	    ":2:8: guest.tls: must be off, or have cert and key");
}

static void
test_anchors(void)
{
	char many[2048] = "trust_anchors:\n";

	REFUSED("trust_anchors: x\n",
	    ":1:16: trust_anchors: must be a list of entries with name and "
	    "file");
	REFUSED("trust_anchors: [x]\n",
	    ":1:17: trust_anchors: each needs name and file");
	REFUSED("trust_anchors: [{name: a}]\n",
	    ":1:17: trust_anchors: each needs name and file");
	REFUSED("trust_anchors: [{file: a}]\n",
	    ":1:17: trust_anchors: each needs name and file");
	REFUSED("trust_anchors:\n  - name: a\n    path: b\n",
	    ":3:5: trust_anchors: unknown key; known are name and file");
	REFUSED("trust_anchors: [{name: [a], file: b}]\n",
	    ":1:24: trust_anchors: must be text");
	for (int i = 0; i <= VS_CONFIG_ANCHORS_MAX; i++) {
		size_t n = strlen(many);

		(void)snprintf(
		    many + n, sizeof many - n, " - {name: a, file: b}\n");
	}
	REFUSED(many, ":2:2: trust_anchors: too many");
}

static void
test_empty_anchor_text(void)
{
	struct vs_config c;
	struct vs_err err = {0};

	CHECK_INT(
	    load("trust_anchors: [{name: '', file: b}]\n", &c, &err), VS_USAGE);
	CHECK(strstr(err.msg, ":1:24: trust_anchors: must not be empty"));
	CHECK_OK(load("trust_anchors: []\n", &c, &err), err);
	CHECK_INT(c.anchors_n, 0);
	vs_config_fini(&c);
}

static void
accepted(const char *text)
{
	struct vs_config c;
	struct vs_err err = {0};

	if (CHECK_OK(load(text, &c, &err), err))
		vs_config_fini(&c);
}

static void
test_no_plain_text_to_the_world(void)
{
	static const char open_msg[] =
	    ":1:17: guest.listen: is not a loopback address and there is no "
	    "guest.tls; set guest.tls.cert and guest.tls.key, or write `tls: "
	    "off` if a proxy does TLS";

	REFUSED("guest: {listen: '0.0.0.0:8443'}\n", open_msg);
	REFUSED("guest: {listen: '0.0.0.0:8443', tls: {cert: x}}\n",
	    ":1:38: guest.tls: needs both cert and key");
	REFUSED("guest: {tls: {key: x}}\n",
	    ":1:14: guest.tls: needs both cert and key");
	accepted("guest: {listen: '0.0.0.0:8443', tls: off}\n");
	accepted("guest: {listen: '0.0.0.0:8443', tls: {cert: a, key: b}}\n");
	accepted("guest: {listen: '127.9.0.1:8443'}\n");
	accepted("guest: {listen: '[::1]:8443'}\n");
}

static void
test_tls_off_and_on_at_once(void)
{
	/* One key cannot stand twice, so nobody can mean both. */
	REFUSED("guest:\n  tls: off\n  tls: {cert: a, key: b}\n",
	    ":3:3: duplicate key \"tls\", first on line 2");
}

static void
test_addresses(void)
{
	static const char *const bad[] = {"", "8443", ":8443", "localhost:1",
	    "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x",
	    "::1:8443", "[::1]", "[127.0.0.1]:1", "[]:1", "127.0.0.1:-1",
	    "127.0.0.1.:1", "[::1:1"};
	char host[64];
	uint16_t port = 0;
	struct vs_err err = {0};

	CHECK_OK(
	    vs_config_split_address("127.0.0.1:8443", host, &port, &err), err);
	CHECK_STR(host, "127.0.0.1");
	CHECK_INT(port, 8443);
	CHECK_OK(
	    vs_config_split_address("[2001:db8::1]:65535", host, &port, &err),
	    err);
	CHECK_STR(host, "2001:db8::1");
	CHECK_INT(port, 65535);
	for (size_t i = 0; i < VS_COUNT(bad); i++)
		if (!CHECK_INT(
			vs_config_split_address(bad[i], host, &port, &err),
			VS_USAGE))
			fprintf(stderr, "%s\n", bad[i]);
	CHECK_INT(port, 65535);
	CHECK(vs_config_is_loopback("127.0.0.1"));
	CHECK(vs_config_is_loopback("127.255.0.1"));
	CHECK(vs_config_is_loopback("::1"));
	CHECK(!vs_config_is_loopback("128.0.0.1"));
	CHECK(!vs_config_is_loopback("::2"));
	CHECK(!vs_config_is_loopback("0.0.0.0"));
	CHECK(!vs_config_is_loopback("::"));
}

static void
test_bad_listen_names_the_place(void)
{
	REFUSED("guest:\n  listen: here\n",
	    ":2:11: guest.listen: \"here\" is no address and port; write "
	    "127.0.0.1:8443 or [::1]:8443");
}

static void
test_values(void)
{
	int64_t v = 7;

	CHECK(vs_config_count(VS_SPAN_LIT("999999999999"), &v));
	CHECK_INT(v, INT64_C(999999999999));
	CHECK(!vs_config_count(VS_SPAN_LIT("1000000000000"), &v));
	CHECK(vs_config_size(VS_SPAN_LIT("999999999999MiB"), &v));
	CHECK_INT(v, INT64_C(999999999999) << 20);
	CHECK(vs_config_size(VS_SPAN_LIT("12"), &v) && v == 12);
	CHECK(!vs_config_size(VS_SPAN_LIT("KiB"), &v));
	CHECK(!vs_config_size(VS_SPAN_LIT("1 KiB"), &v));
	CHECK(!vs_config_size(VS_SPAN_LIT("1Ki"), &v));
	CHECK(vs_config_seconds(VS_SPAN_LIT("90"), &v) && v == 90);
	CHECK(vs_config_seconds(VS_SPAN_LIT("1h"), &v) && v == 3600);
	CHECK(!vs_config_seconds(VS_SPAN_LIT("s"), &v));
	CHECK(!vs_config_seconds(VS_SPAN_LIT("1ms"), &v));
}

static void
test_files_that_are_not(void)
{
	struct vs_config c;
	struct vs_err err = {0};
	struct vs_err wr = {0};
	static char big[70 * 1024];

	CHECK_INT(vs_config_load("/nonexistent/c.yaml", NULL, &c, &err),
	    VS_NOT_FOUND);
	CHECK(strstr(err.msg, "/nonexistent/c.yaml") != NULL);
	vs_err_clear(&err);
	CHECK(vs_config_load(dir, NULL, &c, &err) != VS_OK);
	CHECK(strstr(err.msg, dir) != NULL);
	memset(big, '#', sizeof big);
	CHECK_OK(vs_file_write(path, VS_SPAN_OF(big), 0600, &wr), wr);
	CHECK_INT(vs_config_load(path, NULL, &c, &err), VS_TOO_LARGE);
}

int
main(void)
{
	(void)snprintf(dir, sizeof dir, "/tmp/vs-config-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(path, sizeof path, "%s/c.yaml", dir);
	RUN(test_proofs);
	RUN(test_defaults);
	RUN(test_every_key);
	RUN(test_paths_are_relative_to_the_file);
	RUN(test_a_file_without_folder);
	RUN(test_unknown_keys);
	RUN(test_policy_signers);
	RUN(test_a_long_unknown_key);
	RUN(test_shapes);
	RUN(test_numbers);
	RUN(test_choices);
	RUN(test_anchors);
	RUN(test_empty_anchor_text);
	RUN(test_no_plain_text_to_the_world);
	RUN(test_tls_off_and_on_at_once);
	RUN(test_addresses);
	RUN(test_bad_listen_names_the_place);
	RUN(test_values);
	RUN(test_files_that_are_not);
	(void)unlink(path);
	(void)rmdir(dir);
	return check_result();
}
