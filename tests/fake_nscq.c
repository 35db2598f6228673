/* SPDX-License-Identifier: Apache-2.0 */
/* A library that answers as NVIDIA's switch library does, or as FAKE_NVML in
 * the environment says: words, parted by spaces. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct uuid {
	uint8_t bytes[16];
};
struct label {
	char text[64];
};
struct report {
	uint32_t size;
	uint8_t bytes[0x2000];
};
struct certs {
	uint8_t bytes[0x1400];
	uint32_t size;
};
struct result {
	int8_t rc;
	void *session;
};
typedef void (*fn)(void);
typedef void (*uuid_fn)(
    const struct uuid *, int8_t, const struct uuid *, void *);
typedef void (*report_fn)(
    const struct uuid *, int8_t, const struct report, void *);
typedef void (*certs_fn)(
    const struct uuid *, int8_t, const struct certs, void *);

struct result nscq_session_create(uint32_t flags);
void nscq_session_destroy(void *session);
int8_t nscq_session_set_input(void *session, uint32_t, void *, uint32_t size);
int8_t nscq_session_path_observe(
    void *session, const char *path, fn call, void *user, uint32_t flags);
int8_t nscq_uuid_to_label(const struct uuid *, struct label *, uint32_t flags);

static uint8_t nonce[32];
static int open_sessions;

static int
said(const char *word)
{
	const char *all = getenv("FAKE_NVML");

	return all != NULL && strstr(all, word) != NULL;
}

EXPORT struct result
nscq_session_create(uint32_t flags)
{
	struct result r = {said("no-session") || flags != 1 ? -7 : 0, nonce};

	open_sessions += r.rc == 0;
	return r;
}

EXPORT void
nscq_session_destroy(void *session)
{
	open_sessions -= session == nonce;
}

EXPORT int8_t
nscq_session_set_input(
    void *session, uint32_t flags, void *bytes, uint32_t size)
{
	if (session != nonce || flags != 0 || size != sizeof(nonce) ||
	    said("no-input"))
		return -5;
	memcpy(nonce, bytes, size);
	return 0;
}

EXPORT int8_t
nscq_uuid_to_label(const struct uuid *u, struct label *out, uint32_t flags)
{
	(void)flags;
	(void)snprintf(out->text, sizeof(out->text), "SWX-%02x", u->bytes[0]);
	return said("no-label") ? -2 : 0;
}

static void
tell_report(unsigned i, report_fn call, void *user)
{
	struct report r = {.size = 49};

	(void)snprintf(
	    (char *)r.bytes, sizeof(r.bytes), "switch report %02x:", i);
	memcpy(r.bytes + 17, nonce, sizeof(nonce));
	if (said("huge-answer"))
		r.size = sizeof(r.bytes) + 1;
	call(NULL, said("no-answer") ? -8 : 0, r, user);
}

static void
tell_certs(unsigned i, certs_fn call, void *user)
{
	struct certs c = {.size = 16};

	(void)snprintf(
	    (char *)c.bytes, sizeof(c.bytes), "switch certs %02x", i);
	if (said("empty-chain"))
		c.size = 0;
	call(NULL, 0, c, user);
}

/* Switches 40, 41, ...; a path of theirs names one. */
EXPORT int8_t
nscq_session_path_observe(
    void *session, const char *path, fn call, void *user, uint32_t flags)
{
	unsigned n = said("nine") ? 9 : said("no-switches") ? 0 : 2, i;
	char what[32];

	if (session != nonce || open_sessions != 1 || flags != 0)
		return -5;
	if (strcmp(path, "/drv/nvswitch/{device}/uuid") == 0) {
		for (i = 0; i < n; i++) {
			struct uuid u = {{(uint8_t)(0x40 + i)}};

			((uuid_fn)call)(NULL, 0, &u, user);
		}
		return said("no-list") ? -127 : 0;
	}
	if (sscanf(path, "/SWX-%x/config/%31s", &i, what) != 2)
		return -1;
	if (said("silent"))
		return 0;
	if (strcmp(what, "attestation_report") == 0)
		tell_report(i, (report_fn)call, user);
	else if (strcmp(what, "certificate") == 0)
		tell_certs(i, (certs_fn)call, user);
	else
		return -1;
	return 0;
}
