/* SPDX-License-Identifier: Apache-2.0 */
/* A library that answers as NVIDIA's management library does, or as FAKE_NVML
 * in the environment says: words, parted by spaces. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

enum { OK = 0, INVALID = 2, NO_DRIVER = 9, NOT_SUPPORTED = 3 };

struct state {
	unsigned environment, feature, devtools;
};
struct settings {
	unsigned version, environment, feature, devtools, multi_gpu;
};
struct report {
	unsigned has_cec, size, cec_size;
	unsigned char nonce[0x20], bytes[0x2000], cec[0x1000];
};
struct certs {
	unsigned size, attestation_size;
	unsigned char certs[0x1000], attestation[0x1400];
};

int nvmlInit_v2(void);
int nvmlShutdown(void);
const char *nvmlErrorString(int code);
int nvmlDeviceGetCount_v2(unsigned *count);
int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **handle);
int nvmlSystemGetConfComputeState(struct state *s);
int nvmlSystemGetConfComputeSettings(struct settings *s);
int nvmlDeviceGetConfComputeGpuAttestationReport(
    void *handle, struct report *r);
int nvmlDeviceGetConfComputeGpuCertificate(void *handle, struct certs *c);

static int started;

static int
said(const char *word)
{
	const char *all = getenv("FAKE_NVML");

	return all != NULL && strstr(all, word) != NULL;
}

EXPORT int
nvmlInit_v2(void)
{
	if (said("no-driver"))
		return NO_DRIVER;
	started++;
	return said("no-init") ? INVALID : OK;
}

EXPORT int
nvmlShutdown(void)
{
	started--;
	return OK;
}

EXPORT const char *
nvmlErrorString(int code)
{
	return said("mute")         ? NULL
	    : code == NOT_SUPPORTED ? "Not Supported"
				    : "Some Error";
}

EXPORT int
nvmlDeviceGetCount_v2(unsigned *count)
{
	*count = said("none") ? 0 : said("many") ? 17 : 2;
	return said("no-count") ? INVALID : OK;
}

static unsigned char devices[17];

EXPORT int
nvmlDeviceGetHandleByIndex_v2(unsigned i, void **handle)
{
	if (i >= sizeof(devices) || said("no-handle"))
		return INVALID;
	*handle = &devices[i];
	return OK;
}

static void
fill(unsigned *environment, unsigned *feature, unsigned *devtools)
{
	*environment = said("environment-sim") ? 1 : 2;
	*feature = !said("off") && !said("several");
	*devtools = said("devtools") != 0;
}

EXPORT int
nvmlSystemGetConfComputeState(struct state *s)
{
	fill(&s->environment, &s->feature, &s->devtools);
	return said("no-state") ? INVALID : said("plain") ? NOT_SUPPORTED : OK;
}

#ifndef FAKE_OLD
EXPORT int
nvmlSystemGetConfComputeSettings(struct settings *s)
{
	if (s->version != (sizeof(*s) | 1U << 24) || said("no-state"))
		return INVALID;
	if (said("plain"))
		return NOT_SUPPORTED;
	fill(&s->environment, &s->feature, &s->devtools);
	s->multi_gpu = said("several") ? 1 : 0;
	return OK;
}
#endif

static unsigned
number(void *handle)
{
	return (unsigned)((unsigned char *)handle - devices);
}

/* "report 0", then the nonce. */
EXPORT int
nvmlDeviceGetConfComputeGpuAttestationReport(void *handle, struct report *r)
{
	char text[16];

	if (said("no-report") && number(handle) == 1)
		return NOT_SUPPORTED;
	(void)snprintf(text, sizeof(text), "report %u", number(handle));
	memcpy(r->bytes, text, 8);
	memcpy(r->bytes + 8, r->nonce, sizeof(r->nonce));
	r->size = said("huge-report") ? sizeof(r->bytes) + 1
	    : said("empty-report")    ? 0
				      : 40;
	return started == 1 ? OK : INVALID;
}

/* With a NUL behind the text, which counts. */
EXPORT int
nvmlDeviceGetConfComputeGpuCertificate(void *handle, struct certs *c)
{
	if (said("no-certs"))
		return NOT_SUPPORTED;
	(void)snprintf((char *)c->attestation, sizeof(c->attestation),
	    "certs %u", number(handle));
	c->attestation_size = said("huge-certs") ? sizeof(c->attestation) + 1
	    : said("empty-certs")                ? 0
						 : 8;
	return OK;
}
