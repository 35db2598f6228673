/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence of the NVSwitches of a board, through NVIDIA's switch library
 * (NSCQ, libnvidia-nscq). It answers questions about paths by calling back;
 * functions and structures are declared here as that library has them.
 */
#include <stdio.h>
#include <string.h>

#include "guest/devices.h"
#include "guest/library.h"

enum {
	NONCE = 32,
	LABEL_MAX = 64,
	PATH_LEN_MAX = 128,
	MOUNT_DEVICES = 1,
	REPORT_MAX = 0x2000,
	CERTS_MAX = 0x1400,
};

struct nscq_uuid {
	uint8_t bytes[16];
};
struct nscq_label {
	char text[LABEL_MAX];
};
struct nscq_report {
	uint32_t size;
	uint8_t bytes[REPORT_MAX];
};
struct nscq_certs {
	uint8_t bytes[CERTS_MAX];
	uint32_t size;
};
struct nscq_session {
	int8_t rc;
	void *session;
};
typedef void (*nscq_fn)(void);

struct nscq {
	void *library, *session;
	struct nscq_session (*create)(uint32_t);
	void (*destroy)(void *);
	int8_t (*observe)(void *, const char *, nscq_fn, void *, uint32_t);
	int8_t (*input)(void *, uint32_t, void *, uint32_t);
	int8_t (*label)(
	    const struct nscq_uuid *, struct nscq_label *, uint32_t);
};

static void
nscq_free(struct nscq *n)
{
	if (n->session != NULL)
		n->destroy(n->session);
	n->session = NULL;
	vs_library_close(&n->library);
}

static vs_status
nscq_fail(const char *what, int rc, struct vs_err *err)
{
	return vs_fail(err, VS_UNAVAILABLE, "NSCQ: %s: error %d", what, rc);
}

static vs_status
start(const char *name, struct nscq *n, struct vs_err *err)
{
	struct nscq_session s;

	if (!VS_LIBRARY_FIND(n->library, "nscq_session_create", n->create) ||
	    !VS_LIBRARY_FIND(n->library, "nscq_session_destroy", n->destroy) ||
	    !VS_LIBRARY_FIND(
		n->library, "nscq_session_path_observe", n->observe) ||
	    !VS_LIBRARY_FIND(n->library, "nscq_session_set_input", n->input) ||
	    !VS_LIBRARY_FIND(n->library, "nscq_uuid_to_label", n->label))
		return vs_fail(err, VS_UNAVAILABLE,
		    "%s: too old: switches do not attest through it", name);
	s = n->create(MOUNT_DEVICES);
	if (s.rc != 0)
		return nscq_fail("start", s.rc, err);
	n->session = s.session;
	return VS_OK;
}

/* The switches, as the paths to ask have them. */
struct names {
	const struct nscq *n;
	struct nscq_label label[VS_GUEST_SWITCHES_MAX];
	size_t count;
	int8_t bad; /* the first error */
};

static void
got_name(const struct nscq_uuid *device, int8_t rc,
    const struct nscq_uuid *uuid, void *user)
{
	struct names *v = user;
	struct nscq_label *to = &v->label[v->count % VS_GUEST_SWITCHES_MAX];

	(void)device; /* the driver */
	if (rc == 0 && uuid != NULL)
		rc = v->n->label(uuid, to, 0);
	if (rc != 0 && v->bad == 0)
		v->bad = rc;
	v->count++;
}

/* What one question was answered with. */
struct answer {
	struct vs_buf *out;
	size_t size; /* as the library says it */
	size_t max;
	int8_t bad;
};

static void
put(struct answer *a, int8_t rc, const uint8_t *bytes, size_t size)
{
	a->bad = rc;
	a->size = size;
	if (rc == 0 && size <= a->max)
		vs_buf_add(a->out, VS_SPAN(bytes, size));
}

static void
got_report(const struct nscq_uuid *device, int8_t rc,
    const struct nscq_report report, void *user)
{
	(void)device;
	put(user, rc, report.bytes, report.size);
}

static void
got_certs(const struct nscq_uuid *device, int8_t rc,
    const struct nscq_certs certs, void *user)
{
	(void)device;
	put(user, rc, certs.bytes, certs.size);
}

static vs_status
question(const struct nscq *n, const struct nscq_label *l, const char *what,
    nscq_fn got, struct answer *a, struct vs_err *err)
{
	char path[PATH_LEN_MAX];
	int8_t rc;

	(void)snprintf(path, sizeof(path), "/%.*s/config/%s",
	    (int)strnlen(l->text, LABEL_MAX), l->text, what);
	rc = n->observe(n->session, path, got, a, 0);
	if (rc != 0 || a->bad != 0)
		return nscq_fail(what, rc != 0 ? rc : a->bad, err);
	if (a->out->n == 0 || a->size > a->max)
		return vs_fail(err, VS_UNAVAILABLE, "NSCQ: %s of %zu bytes",
		    what, a->size);
	return vs_buf_status(a->out);
}

static vs_status
take_one(const struct nscq *n, const struct nscq_label *l,
    const uint8_t nonce[NONCE], struct vs_guest_device *d, struct vs_err *err)
{
	struct answer report = {.out = &d->report, .max = REPORT_MAX};
	struct answer certs = {.out = &d->certs, .max = CERTS_MAX};
	uint8_t copy[NONCE];
	int8_t rc;

	memcpy(
	    copy, nonce, NONCE); /* the library does not promise to keep it */
	rc = n->input(n->session, 0, copy, NONCE);
	if (rc != 0)
		return nscq_fail("nonce", rc, err);
	VS_TRY(err, "report",
	    question(
		n, l, "attestation_report", (nscq_fn)got_report, &report, err));
	VS_TRY(err, "certificates",
	    question(n, l, "certificate", (nscq_fn)got_certs, &certs, err));
	/* Text, and some versions count the NUL behind it. */
	while (d->certs.n > 0 && d->certs.p[d->certs.n - 1] == '\0')
		d->certs.n--;
	return VS_OK;
}

static vs_status
take_all(const struct nscq *n, const uint8_t nonce[NONCE],
    struct vs_guest_devices *out, struct vs_err *err)
{
	struct names v = {.n = n};
	int8_t rc = n->observe(n->session, "/drv/nvswitch/{device}/uuid",
	    (nscq_fn)got_name, &v, 0);

	if (rc != 0 || v.bad != 0)
		return nscq_fail("switches", rc != 0 ? rc : v.bad, err);
	if (v.count > VS_GUEST_SWITCHES_MAX)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%zu switches, and a request holds %d", v.count,
		    VS_GUEST_SWITCHES_MAX);
	for (size_t i = 0; i < v.count; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "switch %zu", i);
		VS_TRY(err, name,
		    take_one(n, &v.label[i], nonce, &out->nvswitch[i], err));
		out->switches = i + 1;
	}
	return VS_OK;
}

vs_status
vs_nscq_take(const struct vs_guest_gpu_source *src, const uint8_t nonce[32],
    struct vs_guest_devices *out, struct vs_err *err)
{
	const char *name =
	    src->nscq != NULL ? src->nscq : "libnvidia-nscq.so.2";
	bool insist = src->which != VS_GUEST_GPUS_AUTO || src->nscq != NULL;
	struct nscq n = {.library = vs_library_open(name)};
	vs_status st;

	if (n.library == NULL)
		return insist ? vs_fail(err, VS_UNAVAILABLE,
				    "%s: cannot load: the switches of this "
				    "board attest through it: install it in "
				    "the guest",
				    name)
			      : VS_OK;
	st = start(name, &n, err);
	if (st == VS_OK)
		st = take_all(&n, nonce, out, err);
	nscq_free(&n);
	return st;
}
