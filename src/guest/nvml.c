/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GPU evidence through NVIDIA's management library (NVML API reference,
 * "Confidential Computing"), which comes with the driver: loaded when it is
 * wanted, so that the program runs everywhere. The functions are declared
 * here as that library has them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest/devices.h"
#include "guest/library.h"

enum {
	NVML_SUCCESS = 0,
	NVML_NOT_SUPPORTED = 3, /* NVML_ERROR_NOT_SUPPORTED */
	NVML_NO_DRIVER = 9,     /* NVML_ERROR_DRIVER_NOT_LOADED */
	NVML_ENVIRONMENT_PROD = 2,
	NVML_PROTECTED_PCIE = 1, /* of the modes for several GPUs */
	NONCE = 32,
	REPORT_MAX = 0x2000,
	CEC_REPORT_MAX = 0x1000,
	CERTS_MAX = 0x1000,
	ATTESTATION_CERTS_MAX = 0x1400,
};

struct nvml_state {
	unsigned environment, feature, devtools;
};
struct nvml_settings {
	unsigned version, environment, feature, devtools, multi_gpu;
};
/* NVML_STRUCT_VERSION: the size, and the version in the top octet. */
static const unsigned settings_v1 = sizeof(struct nvml_settings) | 1U << 24;

struct nvml_report {
	unsigned has_cec, size, cec_size;
	unsigned char nonce[NONCE];
	unsigned char report[REPORT_MAX];
	unsigned char cec_report[CEC_REPORT_MAX];
};
struct nvml_certs {
	unsigned size, attestation_size;
	unsigned char certs[CERTS_MAX];
	unsigned char attestation[ATTESTATION_CERTS_MAX];
};

struct nvml {
	void *library;
	bool started;
	int (*init)(void);
	int (*shutdown)(void);
	int (*count)(unsigned *);
	int (*handle)(unsigned, void **);
	int (*settings)(struct nvml_settings *); /* from driver 550 on */
	int (*state)(struct nvml_state *);
	int (*report)(void *, struct nvml_report *);
	int (*certs)(void *, struct nvml_certs *);
	const char *(*text)(int);
};

static void
nvml_free(struct nvml *n)
{
	if (n->started)
		(void)n->shutdown(); /* nothing hangs on it */
	n->started = false;
	vs_library_close(&n->library);
}

static vs_status
nvml_fail(const struct nvml *n, const char *what, int code, struct vs_err *err)
{
	const char *text = n->text != NULL ? n->text(code) : NULL;

	return vs_fail(err, VS_UNAVAILABLE, "NVML: %s: %s (%d)", what,
	    text != NULL ? text : "error", code);
}

#define FIND(member, name) VS_LIBRARY_FIND(n->library, name, n->member)

static vs_status
bind_all(struct nvml *n, struct vs_err *err)
{
	bool ok = FIND(init, "nvmlInit_v2") && FIND(shutdown, "nvmlShutdown") &&
	    FIND(count, "nvmlDeviceGetCount_v2") &&
	    FIND(handle, "nvmlDeviceGetHandleByIndex_v2") &&
	    FIND(state, "nvmlSystemGetConfComputeState") &&
	    FIND(report, "nvmlDeviceGetConfComputeGpuAttestationReport") &&
	    FIND(certs, "nvmlDeviceGetConfComputeGpuCertificate");

	(void)FIND(text, "nvmlErrorString");
	(void)FIND(settings, "nvmlSystemGetConfComputeSettings");
	if (!ok)
		return vs_fail(err, VS_UNAVAILABLE,
		    "NVML: this driver is too old for confidential computing: "
		    "535 or later is needed");
	return VS_OK;
}

/* there: false, without an error, where there is no NVIDIA driver at all and
 * nobody insists on one. */
static vs_status
start(const struct vs_guest_gpu_source *src, struct nvml *n, bool *there,
    struct vs_err *err)
{
	const char *name = src->nvml != NULL ? src->nvml : "libnvidia-ml.so.1";
	bool insist = src->which != VS_GUEST_GPUS_AUTO || src->nvml != NULL;
	int code;

	*there = false;
	n->library = vs_library_open(name);
	if (n->library == NULL)
		return insist ? vs_fail(err, VS_UNAVAILABLE,
				    "%s: cannot load: install NVIDIA's driver "
				    "in the guest, or leave out --gpus",
				    name)
			      : VS_OK;
	VS_TRY(err, name, bind_all(n, err));
	code = n->init();
	if (code == NVML_NO_DRIVER && !insist)
		return VS_OK;
	if (code != NVML_SUCCESS)
		return nvml_fail(n, "start", code, err);
	n->started = true;
	*there = true;
	return VS_OK;
}

/* One answer for all GPUs. Several at once have a mode of their own, in which
 * the feature of a single one is off. A simulated environment protects
 * nothing. */
static vs_status
read_state(
    const struct nvml *n, const char **out, bool *fabric, struct vs_err *err)
{
	struct nvml_settings s = {.version = settings_v1};
	struct nvml_state old = {0};
	int code = NVML_SUCCESS;
	bool on;

	if (n->settings != NULL) {
		code = n->settings(&s);
	} else {
		code = n->state(&old);
		s.environment = old.environment;
		s.feature = old.feature;
		s.devtools = old.devtools;
	}
	/* GPUs that do not know of it. */
	if (code == NVML_NOT_SUPPORTED) {
		*out = "off";
		return VS_OK;
	}
	if (code != NVML_SUCCESS)
		return nvml_fail(
		    n, "state of confidential computing", code, err);
	on = (s.feature == 1 || s.multi_gpu != 0) &&
	    s.environment == NVML_ENVIRONMENT_PROD;
	*fabric = on && s.multi_gpu == NVML_PROTECTED_PCIE;
	*out = !on ? "off" : s.devtools != 0 ? "devtools" : "on";
	return VS_OK;
}

static vs_status
take_report(const struct nvml *n, void *gpu, const uint8_t nonce[NONCE],
    struct nvml_report *r, struct vs_buf *out, struct vs_err *err)
{
	int code;

	memcpy(r->nonce, nonce, NONCE);
	code = n->report(gpu, r);
	if (code != NVML_SUCCESS)
		return nvml_fail(n, "report", code, err);
	if (r->size == 0 || r->size > sizeof(r->report))
		return vs_fail(
		    err, VS_UNAVAILABLE, "NVML: report of %u bytes", r->size);
	vs_buf_add(out, VS_SPAN(r->report, r->size));
	return vs_buf_status(out);
}

static vs_status
take_certs(const struct nvml *n, void *gpu, struct nvml_certs *c,
    struct vs_buf *out, struct vs_err *err)
{
	int code = n->certs(gpu, c);
	size_t size = c->attestation_size;

	if (code != NVML_SUCCESS)
		return nvml_fail(n, "certificates", code, err);
	if (size > sizeof(c->attestation))
		return vs_fail(err, VS_UNAVAILABLE,
		    "NVML: certificates of %zu bytes", size);
	/* Text, and some versions count the NUL behind it. */
	while (size > 0 && c->attestation[size - 1] == '\0')
		size--;
	if (size == 0)
		return vs_fail(err, VS_UNAVAILABLE, "NVML: no certificates");
	vs_buf_add(out, VS_SPAN(c->attestation, size));
	return vs_buf_status(out);
}

/* What the library fills; too large for the stack. */
struct answers {
	struct nvml_report report;
	struct nvml_certs certs;
};

static vs_status
take_one(const struct nvml *n, unsigned i, const uint8_t nonce[NONCE],
    struct vs_guest_device *out, struct vs_err *err)
{
	struct answers *a;
	void *gpu = NULL;
	int code = n->handle(i, &gpu);
	vs_status st;

	if (code != NVML_SUCCESS)
		return nvml_fail(n, "handle", code, err);
	a = vs_calloc(1, sizeof(*a));
	if (a == NULL)
		return vs_fail(err, VS_NO_MEMORY, "NVML");
	st = take_report(n, gpu, nonce, &a->report, &out->report, err);
	if (st == VS_OK)
		st = take_certs(n, gpu, &a->certs, &out->certs, err);
	free(a);
	return st;
}

static vs_status
how_many(const struct vs_guest_gpu_source *src, const struct nvml *n,
    unsigned *count, struct vs_err *err)
{
	int code = n->count(count);

	if (code != NVML_SUCCESS)
		return nvml_fail(n, "number of GPUs", code, err);
	if (src->which == VS_GUEST_GPUS_COUNT && *count != src->count)
		return vs_fail(err, VS_UNAVAILABLE,
		    "the machine has %u GPUs, and --gpus wants %u", *count,
		    src->count);
	if (src->which == VS_GUEST_GPUS_ALL && *count == 0)
		return vs_fail(err, VS_UNAVAILABLE, "the machine has no GPU");
	if (*count > VS_GUEST_GPUS_MAX)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%u GPUs, and a request holds %d", *count,
		    VS_GUEST_GPUS_MAX);
	return VS_OK;
}

static vs_status
take_all(const struct vs_guest_gpu_source *src, const struct nvml *n,
    const uint8_t nonce[NONCE], struct vs_guest_devices *out, bool *fabric,
    struct vs_err *err)
{
	const char *state = NULL;
	unsigned count = 0;

	VS_TRY(err, "GPUs", how_many(src, n, &count, err));
	if (count == 0)
		return VS_OK;
	VS_TRY(err, "GPUs", read_state(n, &state, fabric, err));
	if (strcmp(state, "off") == 0)
		return src->which == VS_GUEST_GPUS_AUTO
		    ? VS_OK
		    : vs_fail(err, VS_UNAVAILABLE,
			  "the GPUs are not in confidential mode");
	for (unsigned i = 0; i < count; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "GPU %u", i);
		VS_TRY(err, name, take_one(n, i, nonce, &out->gpu[i], err));
		out->gpu[i].cc_state = state;
		out->gpus = i + 1;
	}
	return VS_OK;
}

vs_status
vs_nvml_take(const struct vs_guest_gpu_source *src, const uint8_t nonce[32],
    struct vs_guest_devices *out, bool *fabric, struct vs_err *err)
{
	struct nvml n = {.library = NULL};
	bool there;
	vs_status st = start(src, &n, &there, err);

	*fabric = false;
	if (st == VS_OK && there)
		st = take_all(src, &n, nonce, out, fabric, err);
	nvml_free(&n);
	return st;
}
