/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_secrets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Inputs of each class: as many for both, each in memory of its own, so that
 * caches make no difference between a class of one key and one of many. */
enum { INPUTS = 256, PAYLOAD = 32, NAME_LEN = 16, CONTROL = 256 };

struct record {
	char name[NAME_LEN];
	uint8_t dek[VS_KEY_RECORD_SIZE];
	struct vs_buf payload;
};

struct pool {
	struct vs_core *core;
	struct vs_span kek;
	struct record *v[2]; /* INPUTS each */
	uint8_t here[CONTROL], there[2][CONTROL];
	volatile unsigned sink;
};

static const struct {
	const char *name, *word;
} cases[VS_SECRETS_CASES] = {
    {"right and forged tag, DEK", "dek_tag"},
    {"right and forged tag, payload", "payload_tag"},
    {"forged tag, one bit and all bytes", "near_tag"},
    {"one key and many keys", "keys"},
    {"control: a comparison that leaks", "control"},
};

const char *
vs_bench_secrets_name(vs_secrets_case c)
{
	return cases[c].name;
}

const char *
vs_bench_secrets_word(vs_secrets_case c)
{
	return cases[c].word;
}

static struct vs_reseal_item
item_of(const struct pool *p, const struct record *r)
{
	return (struct vs_reseal_item){.place = {.kek = p->kek,
					   .kek_version = 1,
					   .name = vs_span_cstr(r->name),
					   .version = 1},
	    .dek = VS_SPAN_OF(r->dek),
	    .payload = vs_buf_span(&r->payload)};
}

static void
unwrap(void *ctx, unsigned cls, size_t i)
{
	struct pool *p = ctx;
	const struct vs_reseal_item it = item_of(p, &p->v[cls][i]);

	p->sink += vs_core_unwrap(p->core, &it);
}

/* What nobody should write: it stops at the first difference. */
static void
leak(void *ctx, unsigned cls, size_t i)
{
	struct pool *p = ctx;
	size_t n = 0;

	(void)i;
	while (n < CONTROL && p->here[n] == p->there[cls][n])
		n++;
	p->sink += (unsigned)n;
}

static vs_status
make_record(struct pool *p, struct record *r, size_t i)
{
	struct vs_key_place place;

	(void)snprintf(r->name, sizeof(r->name), "bench/t%07zu", i);
	place = item_of(p, r).place;
	vs_buf_reset(&r->payload);
	return vs_core_new_key(p->core, &place, PAYLOAD, r->dek, &r->payload);
}

static vs_status
copy_record(struct record *to, const struct record *from)
{
	memcpy(to->name, from->name, sizeof(to->name));
	memcpy(to->dek, from->dek, sizeof(to->dek));
	vs_buf_reset(&to->payload);
	vs_buf_add(&to->payload, vs_buf_span(&from->payload));
	return vs_buf_status(&to->payload);
}

/* What the case has in the two classes beside the right records. */
static void
forge(struct record *a, struct record *b, vs_secrets_case c, size_t i)
{
	uint8_t *const tag = b->dek + VS_KEY_RECORD_SIZE - 16;

	if (c == VS_SECRETS_DEK_TAG)
		tag[i % 16] ^= 0x10;
	if (c == VS_SECRETS_PAYLOAD_TAG)
		b->payload.p[b->payload.n - 1 - i % 16] ^= 0x10;
	if (c != VS_SECRETS_NEAR)
		return;
	a->dek[VS_KEY_RECORD_SIZE - 1] ^= 0x10;
	for (size_t j = 0; j < 16; j++)
		tag[j] ^= 0xa5;
}

/* Class 0 as it should be; class 1 as the case has it. */
static vs_status
make_inputs(struct pool *p, vs_secrets_case c)
{
	vs_status st = VS_OK;

	for (size_t i = 0; st == VS_OK && i < INPUTS; i++) {
		struct record *a = &p->v[0][i], *b = &p->v[1][i];

		if (c == VS_SECRETS_KEYS && i > 0)
			st = copy_record(a, &p->v[0][0]);
		else
			st = make_record(p, a, i);
		if (st == VS_OK)
			st = c == VS_SECRETS_KEYS ? make_record(p, b, i)
						  : copy_record(b, a);
		if (st != VS_OK)
			break;
		forge(a, b, c, i);
	}
	return st;
}

static vs_status
measure(struct pool *p, size_t samples, struct vs_timing out[VS_SECRETS_CASES],
    struct vs_err *err)
{
	for (unsigned c = 0; c < VS_SECRETS_CONTROL; c++) {
		VS_TRY(err, "records", make_inputs(p, (vs_secrets_case)c));
		VS_TRY(err, cases[c].word,
		    vs_bench_timing(unwrap, p, samples, INPUTS, &out[c], err));
	}
	p->there[1][0] = 1;
	return vs_bench_timing(
	    leak, p, samples, INPUTS, &out[VS_SECRETS_CONTROL], err);
}

vs_status
vs_bench_secrets(struct vs_core *core, struct vs_span kek, size_t samples,
    struct vs_timing out[VS_SECRETS_CASES], struct vs_err *err)
{
	struct pool p = {.core = core, .kek = kek};
	vs_status st = VS_OK;

	for (unsigned c = 0; c < 2; c++) {
		p.v[c] = vs_calloc(INPUTS, sizeof(*p.v[c]));
		if (p.v[c] == NULL)
			st = vs_fail(err, VS_NO_MEMORY, "records");
	}
	if (st == VS_OK)
		st = measure(&p, samples, out, err);
	for (unsigned c = 0; c < 2; c++) {
		for (size_t i = 0; p.v[c] != NULL && i < INPUTS; i++)
			vs_buf_fini(&p.v[c][i].payload);
		free(p.v[c]);
	}
	return st;
}
