/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/token.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS_MAX = 64, PIN_MAX = 255 };

vs_status
vs_token_fail(struct vs_err *err, const char *why)
{
	return vs_fail_code(err, VS_SEALED, "seal.pkcs11", "%s", why);
}

vs_status
vs_token_rv(struct vs_err *err, const char *what, CK_RV rv)
{
	if (rv == CKR_OK)
		return VS_OK;
	return vs_fail_code(err, VS_SEALED, "seal.pkcs11",
	    "%s failed: PKCS#11 error 0x%lx", what, rv);
}

/* ---- the PIN ------------------------------------------------------------ */

static vs_status
pin_fail(struct vs_err *err, const char *path, const char *why)
{
	return vs_fail_code(
	    err, VS_SEALED, "seal.pkcs11.pin", "%.80s: %s", path, why);
}

/* Up to the first newline. */
static vs_status
take_pin(int fd, const char *path, struct vs_secret *buf, size_t *n,
    struct vs_err *err)
{
	uint8_t *p = vs_secret_poke(buf);
	struct stat st;
	const uint8_t *end;
	ssize_t got;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return pin_fail(err, path, "not a regular file");
	if ((st.st_uid != geteuid() && st.st_uid != 0) ||
	    (st.st_mode & 077) != 0)
		return pin_fail(err, path,
		    "the file of the PIN must be ours, and nobody else may "
		    "read it: chmod 600");
	do
		got = read(fd, p, PIN_MAX + 1);
	while (got < 0 && errno == EINTR);
	end = got <= 0 ? NULL : memchr(p, '\n', (size_t)got);
	*n = end != NULL ? (size_t)(end - p) : got <= 0 ? 0 : (size_t)got;
	if (*n == 0 || *n > PIN_MAX)
		return pin_fail(err, path, "holds no PIN");
	return VS_OK;
}

static vs_status
read_pin(
    const char *path, struct vs_secret **out, size_t *n, struct vs_err *err)
{
	VS_AUTO(vs_secret) *buf = vs_secret_new(PIN_MAX + 1);
	vs_status st;
	int fd;

	if (buf == NULL)
		return vs_fail(err, VS_NO_MEMORY, "PIN");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return pin_fail(err, path, "cannot be opened");
	st = take_pin(fd, path, buf, n, err);
	(void)close(fd); /* only read from */
	if (st == VS_OK)
		*out = VS_TAKE(buf);
	return st;
}

/* A second try with the same PIN would be wrong again, and count. */
static vs_status
login(struct vs_token *t, const char *pin_file, CK_FLAGS flags,
    struct vs_err *err)
{
	VS_AUTO(vs_secret) *pin = NULL;
	size_t n = 0;
	CK_RV rv;

	if ((flags & CKF_USER_PIN_LOCKED) != 0)
		return vs_fail_code(err, VS_SEALED, "seal.pkcs11.pin",
		    "the token has locked its user PIN; its security officer "
		    "can set a new one");
	if ((flags & CKF_USER_PIN_FINAL_TRY) != 0)
		return vs_fail_code(err, VS_SEALED, "seal.pkcs11.pin",
		    "one more wrong PIN would lock the token, so none was "
		    "tried; log in by hand once");
	if (pin_file == NULL)
		return vs_fail_code(err, VS_SEALED, "seal.pkcs11.pin",
		    "no file with the PIN: set seal.pkcs11.pin_file");
	VS_TRY(err, "pin", read_pin(pin_file, &pin, &n, err));
	rv = t->f->C_Login(t->session, CKU_USER, vs_secret_poke(pin), n);
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LEN_RANGE ||
	    rv == CKR_PIN_INVALID)
		return vs_fail_code(err, VS_SEALED, "seal.pkcs11.pin",
		    "wrong PIN; it is not tried again. Put %.64s right before "
		    "the next start: a token locks after a few",
		    pin_file);
	return vs_token_rv(err, "login", rv);
}

/* ---- module and token --------------------------------------------------- */

static vs_status
load(struct vs_token *t, const char *path, struct vs_err *err)
{
	CK_C_GetFunctionList get = NULL;
	void *symbol;

	t->module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (t->module == NULL)
		return vs_fail_code(err, VS_SEALED, "seal.pkcs11",
		    "cannot load the module: %.160s", dlerror());
	symbol = dlsym(t->module, "C_GetFunctionList");
	memcpy(&get, &symbol, sizeof get); /* POSIX: the same representation */
	if (get == NULL || get(&t->f) != CKR_OK || t->f == NULL)
		return vs_token_fail(err, "not a PKCS#11 module");
	VS_PASS(
	    vs_token_rv(err, "starting the module", t->f->C_Initialize(NULL)));
	t->initialized = true;
	return VS_OK;
}

/* Labels are padded with blanks. */
static bool
is_label(const CK_TOKEN_INFO *info, const char *label)
{
	size_t n = strlen(label);

	if (n > sizeof info->label || memcmp(info->label, label, n) != 0)
		return false;
	for (; n < sizeof info->label; n++)
		if (info->label[n] != ' ')
			return false;
	return true;
}

static vs_status
find_slot(struct vs_token *t, const char *label, CK_SLOT_ID *out,
    CK_FLAGS *flags, struct vs_err *err)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG n = SLOTS_MAX;
	unsigned found = 0;

	VS_PASS(vs_token_rv(
	    err, "listing tokens", t->f->C_GetSlotList(CK_TRUE, slots, &n)));
	for (CK_ULONG i = 0; i < n && i < SLOTS_MAX; i++) {
		CK_TOKEN_INFO info;

		if (t->f->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    !is_label(&info, label))
			continue;
		found++;
		*out = slots[i];
		*flags = info.flags;
	}
	if (found == 1)
		return VS_OK;
	return vs_fail_code(err, VS_SEALED, "seal.pkcs11",
	    found == 0 ? "no token \"%.32s\" in any slot"
		       : "more than one token \"%.32s\"",
	    label);
}

vs_status
vs_token_open(
    const struct vs_seal_conf *c, struct vs_token **out, struct vs_err *err)
{
	VS_AUTO(vs_token) *t = vs_calloc(1, sizeof *t);
	CK_SLOT_ID slot = 0;
	CK_FLAGS flags = 0;

	if (t == NULL)
		return vs_fail(err, VS_NO_MEMORY, "token");
	if (c->pkcs11.module == NULL || c->pkcs11.token == NULL ||
	    c->pkcs11.key == NULL)
		return vs_token_fail(err,
		    "the seal needs a module, a token and the label of a key");
	if (strlen(c->pkcs11.key) >= sizeof t->label)
		return vs_token_fail(err, "the label of the key is too long");
	memcpy(t->label, c->pkcs11.key, strlen(c->pkcs11.key));
	VS_PASS(load(t, c->pkcs11.module, err));
	VS_PASS(find_slot(t, c->pkcs11.token, &slot, &flags, err));
	VS_PASS(vs_token_rv(err, "a session",
	    t->f->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
		NULL, &t->session)));
	t->open = true;
	VS_PASS(login(t, c->pkcs11.pin_file, flags, err));
	*out = VS_TAKE(t);
	return VS_OK;
}

void
vs_token_free(struct vs_token **t)
{
	if (*t == NULL)
		return;
	if ((*t)->open)
		(void)(*t)->f->C_CloseSession((*t)->session); /* logs out */
	if ((*t)->initialized)
		(void)(*t)->f->C_Finalize(NULL); /* or gone */
	if ((*t)->module != NULL)
		(void)dlclose((*t)->module); /* not used again */
	free(*t);
	*t = NULL;
}

vs_status
vs_token_find(struct vs_token *t, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out,
    struct vs_err *err)
{
	CK_ATTRIBUTE want[] = {
	    {CKA_CLASS, &class, sizeof class},
	    {CKA_LABEL, t->label, strlen(t->label)},
	};
	CK_OBJECT_HANDLE found[2];
	CK_ULONG n = 0;
	CK_RV rv = t->f->C_FindObjectsInit(t->session, want, VS_COUNT(want));

	if (rv == CKR_OK) {
		rv = t->f->C_FindObjects(t->session, found, 2, &n);
		(void)t->f->C_FindObjectsFinal(t->session); /* read only */
	}
	VS_PASS(vs_token_rv(err, "looking for the key", rv));
	if (n > 1)
		return vs_fail_code(err, VS_SEALED, "seal.pkcs11.key",
		    "more than one key \"%.32s\" in the token", t->label);
	*out = n == 1 ? found[0] : CK_INVALID_HANDLE;
	return VS_OK;
}
