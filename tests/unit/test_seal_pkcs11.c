/* SPDX-License-Identifier: Apache-2.0 */
/* The token seal against SoftHSM2. */
#include "check.h"

#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "seal/token.h"

static const uint8_t secret[32] = "thirty-two bytes of a seal key.";
static char dir[64], pin_file[96];
static const char *module;

static struct vs_seal_conf
conf(void)
{
	struct vs_seal_conf c = {.kind = "pkcs11"};

	c.pkcs11.module = module;
	c.pkcs11.token = "vouchsafe";
	c.pkcs11.key = "root-wrap";
	c.pkcs11.pin_file = pin_file;
	return c;
}

__attribute__((format(printf, 1, 2))) static void
shell(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(command, sizeof command, fmt, ap);
	va_end(ap);
	CHECK_INT(system(command), 0);
}

static void
write_pin(const char *text)
{
	struct vs_err err = {0};

	CHECK_OK(vs_file_write(pin_file, vs_span_cstr(text), 0600, &err), err);
}

static void
add_token(const char *label)
{
	shell("softhsm2-util --init-token --free --label '%s' --pin 1234 "
	      "--so-pin 5678 >/dev/null",
	    label);
}

static void
enter(void)
{
	char path[96], text[160];
	struct vs_err err = {0};

	(void)snprintf(dir, sizeof dir, "/tmp/vs-token-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof path, "%s/softhsm2.conf", dir);
	(void)snprintf(text, sizeof text,
	    "directories.tokendir = %s\nlog.level = ERROR\n", dir);
	CHECK_OK(vs_file_write(path, vs_span_cstr(text), 0600, &err), err);
	CHECK(setenv("SOFTHSM2_CONF", path, 1) == 0);
	(void)snprintf(pin_file, sizeof pin_file, "%s/pin", dir);
	write_pin("1234\n");
	add_token("vouchsafe");
}

static void
leave(void)
{
	shell("rm -rf '%s'", dir);
}

static vs_status
wrap(const struct vs_seal_conf *c, struct vs_buf *blob, const char *code,
    const char *why)
{
	struct vs_err err = {0};
	vs_status st = vs_pkcs11_wrap(c, VS_SPAN_OF(secret), blob, &err);

	if (st != VS_OK) {
		CHECK_INT(blob->n, 0);
		if (!CHECK(code != NULL && err.code != NULL &&
			strcmp(code, err.code) == 0 &&
			strstr(err.msg, why) != NULL))
			fprintf(stderr, "[%s] %s\n",
			    err.code == NULL ? "" : err.code, err.msg);
	}
	return st;
}

static vs_status
unwrap(const struct vs_seal_conf *c, const struct vs_buf *blob,
    const char *code, const char *why)
{
	size_t before = vs_secret_pool_used();
	struct vs_secret *s = NULL;
	struct vs_err err = {0};
	vs_status st = vs_pkcs11_unwrap(c, vs_buf_span(blob), &s, &err);

	if (st == VS_OK) {
		CHECK(code == NULL);
		CHECK(vs_span_equal(vs_secret_peek(s), VS_SPAN_OF(secret)));
		vs_secret_free(&s);
	} else {
		CHECK(s == NULL);
		if (!CHECK(code != NULL && err.code != NULL &&
			strcmp(code, err.code) == 0 &&
			strstr(err.msg, why) != NULL))
			fprintf(stderr, "[%s] %s\n",
			    err.code == NULL ? "" : err.code, err.msg);
	}
	CHECK_INT(vs_secret_pool_used(), before);
	return st;
}

/* The first seal makes the key, the next ones find it. */
static void
test_round_trip(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf a = {0}, b = {0};

	enter();
	CHECK_INT(wrap(&c, &a, NULL, NULL), VS_OK);
	CHECK(memmem(a.p, a.n, secret, sizeof secret) == NULL);
	CHECK_INT(wrap(&c, &b, NULL, NULL), VS_OK);
	CHECK(!vs_span_equal(vs_buf_span(&a), vs_buf_span(&b)));
	for (int i = 0; i < 3; i++) {
		CHECK_INT(unwrap(&c, &a, NULL, NULL), VS_OK);
		CHECK_INT(unwrap(&c, &b, NULL, NULL), VS_OK);
	}
	write_pin("1234"); /* without a newline */
	CHECK_INT(unwrap(&c, &a, NULL, NULL), VS_OK);
	vs_buf_fini(&a);
	vs_buf_fini(&b);
	leave();
}

static void
test_made_key_stays_inside(void)
{
	CK_BBOOL yes = CK_TRUE;
	CK_BYTE value[64];
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};
	struct vs_token *t = NULL;
	struct vs_err err = {0};
	CK_OBJECT_HANDLE key = 0;
	CK_ATTRIBUTE get = {CKA_VALUE, value, sizeof value};
	CK_ATTRIBUTE set = {CKA_EXTRACTABLE, &yes, sizeof yes};

	enter();
	CHECK_INT(wrap(&c, &blob, NULL, NULL), VS_OK);
	if (CHECK_OK(vs_token_open(&c, &t, &err), err)) {
		CHECK_OK(vs_token_find(t, CKO_SECRET_KEY, &key, &err), err);
		CHECK(key != CK_INVALID_HANDLE);
		CHECK_INT(t->f->C_GetAttributeValue(t->session, key, &get, 1),
		    CKR_ATTRIBUTE_SENSITIVE);
		CHECK(t->f->C_SetAttributeValue(t->session, key, &set, 1) !=
		    CKR_OK);
		vs_token_free(&t);
	}
	vs_buf_fini(&blob);
	leave();
}

/* How many tries are left is the token's to know; what we ask of it is one
 * C_Login a start, and none at the last. */
static void
test_wrong_pin(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};

	enter();
	CHECK_INT(wrap(&c, &blob, NULL, NULL), VS_OK);
	write_pin("4321\n");
	for (int i = 0; i < 3; i++)
		CHECK_INT(unwrap(&c, &blob, "seal.pkcs11.pin", "wrong PIN"),
		    VS_SEALED);
	write_pin("1234\n");
	CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
	vs_buf_fini(&blob);
	leave();
}

static void
test_pin_files(void)
{
	static char long_pin[400];
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};

	enter();
	CHECK_INT(wrap(&c, &blob, NULL, NULL), VS_OK);
	CHECK(chmod(pin_file, 0640) == 0);
	CHECK_INT(unwrap(&c, &blob, "seal.pkcs11.pin", "chmod 600"), VS_SEALED);
	CHECK(chmod(pin_file, 0600) == 0);
	if (geteuid() == 0) {
		CHECK(chown(pin_file, 65534, 65534) == 0);
		CHECK_INT(unwrap(&c, &blob, "seal.pkcs11.pin", "must be ours"),
		    VS_SEALED);
	}
	write_pin("\n1234");
	CHECK_INT(
	    unwrap(&c, &blob, "seal.pkcs11.pin", "holds no PIN"), VS_SEALED);
	write_pin("");
	CHECK_INT(
	    unwrap(&c, &blob, "seal.pkcs11.pin", "holds no PIN"), VS_SEALED);
	memset(long_pin, '1', sizeof long_pin - 1);
	write_pin(long_pin);
	CHECK_INT(
	    unwrap(&c, &blob, "seal.pkcs11.pin", "holds no PIN"), VS_SEALED);
	CHECK(unlink(pin_file) == 0);
	CHECK_INT(unwrap(&c, &blob, "seal.pkcs11.pin", "cannot be opened"),
	    VS_SEALED);
	CHECK(mkdir(pin_file, 0700) == 0);
	CHECK_INT(
	    unwrap(&c, &blob, "seal.pkcs11.pin", "not a regular"), VS_SEALED);
	c.pkcs11.pin_file = NULL;
	CHECK_INT(
	    unwrap(&c, &blob, "seal.pkcs11.pin", "no file with"), VS_SEALED);
	vs_buf_fini(&blob);
	leave();
}

static void
test_missing_module(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};

	enter();
	c.pkcs11.module = "/nowhere/module.so";
	CHECK_INT(wrap(&c, &blob, "seal.pkcs11",
		      "cannot load the module: /nowhere/module.so: cannot "
		      "open shared object file"),
	    VS_SEALED);
	c.pkcs11.module = pin_file;
	CHECK_INT(wrap(&c, &blob, "seal.pkcs11", "cannot load"), VS_SEALED);
	c.pkcs11.module = "libm.so.6";
	CHECK_INT(wrap(&c, &blob, "seal.pkcs11", "not a PKCS#11"), VS_SEALED);
	leave();
}

static void
test_missing_and_doubled(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0}, other = {0};

	enter();
	CHECK_INT(wrap(&c, &blob, NULL, NULL), VS_OK);
	c.pkcs11.token = "another";
	CHECK_INT(unwrap(&c, &blob, "seal.pkcs11", "no token \"another\""),
	    VS_SEALED);
	c.pkcs11.token = "vouchsaf";
	CHECK_INT(unwrap(&c, &blob, "seal.pkcs11", "no token"), VS_SEALED);
	c.pkcs11.token = "vouchsafe";
	c.pkcs11.key = "other-key"; /* opening makes no key */
	CHECK_INT(
	    unwrap(&c, &blob, "seal.pkcs11.key", "has no key"), VS_SEALED);
	CHECK_INT(
	    unwrap(&c, &blob, "seal.pkcs11.key", "has no key"), VS_SEALED);
	CHECK_INT(wrap(&c, &other, NULL, NULL), VS_OK);
	CHECK_INT(
	    unwrap(&c, &blob, "seal.pkcs11.key", "does not open"), VS_SEALED);
	c.pkcs11.key = "root-wrap";
	add_token("vouchsafe");
	CHECK_INT(
	    unwrap(&c, &blob, "seal.pkcs11", "more than one token"), VS_SEALED);
	c.pkcs11.module = NULL;
	CHECK_INT(
	    unwrap(&c, &blob, "seal.pkcs11", "needs a module"), VS_SEALED);
	vs_buf_fini(&blob);
	vs_buf_fini(&other);
	leave();
}

/* ---- keys that others made ---------------------------------------------- */

static void
generate_rsa(struct vs_token *t, CK_BBOOL extractable)
{
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_BBOOL sensitive = extractable ? CK_FALSE : CK_TRUE;
	CK_ULONG bits = 2048;
	CK_BYTE e[] = {1, 0, 1};
	CK_BYTE label[] = "root-wrap";
	CK_MECHANISM m = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
	CK_ATTRIBUTE public[] = {
	    {CKA_TOKEN, &yes, sizeof yes},
	    {CKA_ENCRYPT, &yes, sizeof yes},
	    {CKA_MODULUS_BITS, &bits, sizeof bits},
	    {CKA_PUBLIC_EXPONENT, e, sizeof e},
	    {CKA_LABEL, label, 9},
	};
	CK_ATTRIBUTE private[] = {
	    {CKA_TOKEN, &yes, sizeof yes},
	    {CKA_PRIVATE, &yes, sizeof yes},
	    {CKA_SENSITIVE, &sensitive, sizeof sensitive},
	    {CKA_EXTRACTABLE, extractable ? &yes : &no, sizeof yes},
	    {CKA_DECRYPT, &yes, sizeof yes},
	    {CKA_LABEL, label, 9},
	};
	CK_OBJECT_HANDLE a = 0, b = 0;

	CHECK_INT(t->f->C_GenerateKeyPair(t->session, &m, public,
		      VS_COUNT(public), private, VS_COUNT(private), &a, &b),
	    CKR_OK);
}

static void
make_rsa(CK_BBOOL extractable)
{
	struct vs_seal_conf c = conf();
	struct vs_token *t = NULL;
	struct vs_err err = {0};

	if (CHECK_OK(vs_token_open(&c, &t, &err), err))
		generate_rsa(t, extractable);
	vs_token_free(&t);
}

static void
test_rsa(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};

	enter();
	make_rsa(CK_FALSE);
	CHECK_INT(wrap(&c, &blob, NULL, NULL), VS_OK);
	CHECK_INT(blob.n, 2 + 256);
	CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
	blob.p[20] ^= 1;
	CHECK_INT(
	    unwrap(&c, &blob, "seal.pkcs11.key", "does not open"), VS_SEALED);
	blob.p[20] ^= 1;
	make_rsa(CK_FALSE);
	CHECK_INT(unwrap(&c, &blob, "seal.pkcs11.key", "more than one key"),
	    VS_SEALED);
	vs_buf_fini(&blob);
	leave();
}

static void
test_extractable_key(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};

	enter();
	make_rsa(CK_TRUE);
	CHECK_INT(wrap(&c, &blob, "seal.pkcs11.key", "would give the key"),
	    VS_SEALED);
	vs_buf_fini(&blob);
	leave();
}

static void
test_blob_mutations(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};

	enter();
	CHECK_INT(wrap(&c, &blob, NULL, NULL), VS_OK);
	for (size_t n = 0; n < blob.n; n++) {
		struct vs_secret *s = NULL;
		struct vs_err err = {0};

		CHECK(vs_pkcs11_unwrap(&c, VS_SPAN(blob.p, n), &s, &err) !=
		    VS_OK);
		CHECK(s == NULL);
		for (unsigned bit = 0; bit < 8; bit++) {
			blob.p[n] ^= (uint8_t)(1u << bit);
			CHECK(vs_pkcs11_unwrap(
				  &c, vs_buf_span(&blob), &s, &err) != VS_OK);
			CHECK(s == NULL && err.code != NULL);
			blob.p[n] ^= (uint8_t)(1u << bit);
		}
	}
	CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
	vs_buf_fini(&blob);
	leave();
}

/* ---- a token that counts ------------------------------------------------ */

static CK_FLAGS fake_flags;
static unsigned fake_logins;

static CK_RV
fake_initialize(void *args)
{
	(void)args;
	return CKR_OK;
}

static CK_RV
fake_slots(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *n)
{
	(void)present;
	slots[0] = 1;
	*n = 1;
	return CKR_OK;
}

static CK_RV
fake_token(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	(void)slot;
	memset(info, 0, sizeof *info);
	memset(info->label, ' ', sizeof info->label);
	memcpy(info->label, "vouchsafe", 9);
	info->flags = fake_flags;
	return CKR_OK;
}

static CK_RV
fake_open(CK_SLOT_ID slot, CK_FLAGS flags, void *ctx, CK_NOTIFY notify,
    CK_SESSION_HANDLE *out)
{
	(void)slot, (void)flags, (void)ctx, (void)notify;
	*out = 1;
	return CKR_OK;
}

static CK_RV
fake_login(CK_SESSION_HANDLE s, CK_USER_TYPE user, CK_BYTE *pin, CK_ULONG n)
{
	(void)s, (void)user, (void)pin, (void)n;
	fake_logins++;
	return CKR_PIN_INCORRECT;
}

static CK_RV
fake_close(CK_SESSION_HANDLE s)
{
	(void)s;
	return CKR_OK;
}

static CK_FUNCTION_LIST fake = {
    .C_Initialize = fake_initialize,
    .C_Finalize = fake_initialize,
    .C_GetSlotList = fake_slots,
    .C_GetTokenInfo = fake_token,
    .C_OpenSession = fake_open,
    .C_CloseSession = fake_close,
    .C_Login = fake_login,
};

/* What dlsym finds when the module is this program itself. */
__attribute__((visibility("default"))) CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **out)
{
	*out = &fake;
	return CKR_OK;
}

static void
try_fake(CK_FLAGS flags, unsigned logins, const char *why)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};

	fake_flags = flags;
	fake_logins = 0;
	c.pkcs11.module = ""; /* this program */
	CHECK_INT(wrap(&c, &blob, "seal.pkcs11.pin", why), VS_SEALED);
	CHECK_INT(fake_logins, logins);
}

static void
test_never_locks(void)
{
	enter();
	try_fake(0, 1, "wrong PIN");
	try_fake(CKF_USER_PIN_COUNT_LOW, 1, "wrong PIN");
	try_fake(CKF_USER_PIN_FINAL_TRY, 0, "none was tried");
	try_fake(CKF_USER_PIN_LOCKED, 0, "has locked");
	leave();
}

static const char *
find_module(void)
{
	static const char *const paths[] = {
	    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
	    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
	    "/usr/lib/softhsm/libsofthsm2.so",
	    "/usr/lib64/pkcs11/libsofthsm2.so"};

	for (size_t i = 0; i < VS_COUNT(paths); i++)
		if (access(paths[i], R_OK) == 0)
			return paths[i];
	return NULL;
}

int
main(void)
{
	struct vs_err err = {0};

	module = find_module();
	if (!CHECK_OK(vs_secret_pool_init(1 << 20, &err), err))
		return check_result();
	if (module == NULL ||
	    system("command -v softhsm2-util >/dev/null") != 0) {
		printf("skipped: no SoftHSM2\n");
		return 77;
	}
	RUN(test_round_trip);
	RUN(test_made_key_stays_inside);
	RUN(test_wrong_pin);
	RUN(test_pin_files);
	RUN(test_missing_module);
	RUN(test_missing_and_doubled);
	RUN(test_rsa);
	RUN(test_extractable_key);
	RUN(test_blob_mutations);
	RUN(test_never_locks);
	vs_secret_pool_fini();
	return check_result();
}
