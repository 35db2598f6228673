/* SPDX-License-Identifier: Apache-2.0 */
/* The NVIDIA vectors: cases of the manifest, and the operations on them. */
#ifndef VS_TESTS_NV_VECTORS_H
#define VS_TESTS_NV_VECTORS_H

#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "check.h"
#include "codec/json.h"

/* Parts of a case, by the names that operations use. */
enum { N_REPORT, N_CHAIN, N_DRIVER, N_VBIOS, N_PARTS };

struct n_case {
	struct vs_buf part[N_PARTS];
	bool has[N_PARTS];
	char arch[16];
	uint8_t nonce[32];
	int64_t at;
};

/* NUL-terminated, for as long as the test runs; NULL: no string. */
static inline const char *
n_str(const struct vs_json *obj, const char *name)
{
	static struct vs_arena pool;
	struct vs_span s;

	if (pool.cap == 0)
		vs_arena_init(&pool, 64 << 20);
	if (!vs_json_is_string(vs_json_get(obj, name), &s))
		return NULL;
	return vs_arena_cstr(&pool, s);
}

static inline bool
n_read(const char *path, struct vs_buf *out)
{
	struct vs_err err = {0};
	char full[4096];

	snprintf(full, sizeof(full), "%s/nvidia-gpu/%s", check_vectors(), path);
	vs_buf_reset(out);
	return CHECK_OK(vs_file_read(full, 1 << 20, out, &err), err);
}

static inline struct vs_json *
n_json(const char *path)
{
	struct vs_err err = {0};
	struct vs_json *root = NULL;
	struct vs_buf b = {0};

	if (n_read(path, &b))
		CHECK_OK(vs_json_parse(vs_buf_span(&b), &root, &err), err);
	vs_buf_fini(&b);
	return root;
}

static inline const struct vs_json *
n_find(const struct vs_json *list, const char *id)
{
	for (size_t i = 0; i < vs_json_size(list); i++)
		if (strcmp(n_str(vs_json_at(list, i), "id"), id) == 0)
			return vs_json_at(list, i);
	return NULL;
}

static inline void
n_fini(struct n_case *c)
{
	for (size_t i = 0; i < N_PARTS; i++)
		vs_buf_fini(&c->part[i]);
}

/* Hex text, white space aside, replaced by its bytes. */
static inline void
n_unhex(struct vs_buf *b)
{
	while (b->n > 0 && b->p[b->n - 1] <= ' ')
		b->n--;
	CHECK_INT(vs_unhex(vs_buf_span(b), b->p, b->n / 2), VS_OK);
	b->n /= 2;
}

static inline void
n_time(const char *text, int64_t *at)
{
	CHECK_INT(vs_time_parse_ms(vs_span_cstr(text), at), VS_OK);
	*at /= 1000;
}

static inline void
n_rim(struct n_case *c, int part, const char *path)
{
	if (path != NULL)
		c->has[part] = n_read(path, &c->part[part]);
}

static inline void
n_load(const struct vs_json *j, struct n_case *c)
{
	const struct vs_json *rims = vs_json_get(j, "rims");

	memset(c, 0, sizeof(*c));
	snprintf(c->arch, sizeof(c->arch), "%s", n_str(j, "arch"));
	CHECK_INT(
	    vs_unhex(vs_span_cstr(n_str(j, "nonce")), c->nonce, 32), VS_OK);
	n_time(n_str(j, "verify_at"), &c->at);
	n_read(n_str(vs_json_get(j, "report"), "file"), &c->part[N_REPORT]);
	n_unhex(&c->part[N_REPORT]);
	n_read(n_str(vs_json_get(j, "chain"), "file"), &c->part[N_CHAIN]);
	c->has[N_REPORT] = c->has[N_CHAIN] = true;
	n_rim(c, N_DRIVER, n_str(rims, "driver"));
	n_rim(c, N_VBIOS, n_str(rims, "vbios"));
}

static inline size_t
n_int(const struct vs_json *op, const char *name, size_t size)
{
	int64_t v = 0;

	CHECK(vs_json_is_int(vs_json_get(op, name), &v));
	return v < 0 ? size - (size_t)-v : (size_t)v;
}

static inline void
n_on_report(struct vs_buf *b, const struct vs_json *op, const char *what)
{
	const char *hex = n_str(op, "hex");

	if (strcmp(what, "xor") == 0) {
		b->p[n_int(op, "off", b->n)] ^= (uint8_t)n_int(op, "val", 0);
	} else if (strcmp(what, "set") == 0) {
		CHECK_INT(vs_unhex(vs_span_cstr(hex),
			      b->p + n_int(op, "off", b->n), strlen(hex) / 2),
		    VS_OK);
	} else if (strcmp(what, "truncate") == 0) {
		b->n -= n_int(op, "by", 0);
	} else {
		uint8_t more[8];

		CHECK_STR(what, "append");
		CHECK_INT(
		    vs_unhex(vs_span_cstr(hex), more, strlen(hex) / 2), VS_OK);
		vs_buf_add(b, VS_SPAN(more, strlen(hex) / 2));
	}
}

/* PEM blocks: where each begins, and the end of the last. */
enum { N_CERTS_MAX = 8 };

static inline size_t
n_blocks(const char *text, const char *at[N_CERTS_MAX + 1])
{
	size_t n = 0;

	for (const char *p = text;
	     n < N_CERTS_MAX && (p = strstr(p, "-----BEGIN")) != NULL; p++)
		at[n++] = p;
	at[n] = text + strlen(text);
	return n;
}

static inline void
n_on_chain(struct vs_buf *b, const struct vs_json *op, const char *what)
{
	const char *at[N_CERTS_MAX + 1], *file = n_str(op, "file");
	char *text = strdup(vs_buf_cstr(b));
	size_t n = n_blocks(text, at), index = 0;

	if (strcmp(what, "use-file") == 0) {
		n_read(file, b);
		free(text);
		return;
	}
	if (strcmp(what, "reverse") != 0)
		index = n_int(op, "index", n);
	vs_buf_reset(b);
	for (size_t i = 0; i < n; i++) {
		size_t k = strcmp(what, "reverse") == 0 ? n - 1 - i : i;

		if (k == index && strcmp(what, "drop-cert") == 0)
			continue;
		if (k == index && strcmp(what, "replace-cert") == 0) {
			struct vs_buf other = {0};

			n_read(file, &other);
			vs_buf_add(b, vs_buf_span(&other));
			vs_buf_fini(&other);
			continue;
		}
		vs_buf_add(b, VS_SPAN(at[k], (size_t)(at[k + 1] - at[k])));
		vs_buf_puts(b, "\n");
	}
	if (strcmp(what, "append-cert") == 0)
		vs_buf_add(
		    b, VS_SPAN(at[index], (size_t)(at[index + 1] - at[index])));
	free(text);
}

static inline void
n_replace(struct vs_buf *b, const char *from, const char *to, bool every)
{
	char *text = strdup(vs_buf_cstr(b));
	const char *p = text, *hit;
	bool any = false;

	vs_buf_reset(b);
	while ((hit = strstr(p, from)) != NULL && (every || !any)) {
		vs_buf_add(b, VS_SPAN(p, (size_t)(hit - p)));
		vs_buf_puts(b, to);
		p = hit + strlen(from);
		any = true;
	}
	CHECK(any);
	vs_buf_puts(b, p);
	free(text);
}

/* The only pattern of the manifest: the whole signature. */
static inline void
n_on_signature(struct vs_buf *b, bool twice)
{
	char *text = strdup(vs_buf_cstr(b));
	const char *from = strstr(text, "<ds:Signature ");
	const char *end = strstr(text, "</ds:Signature>");

	if (CHECK(from != NULL && end != NULL)) {
		end += strlen("</ds:Signature>");
		vs_buf_reset(b);
		vs_buf_add(b, VS_SPAN(text, (size_t)(from - text)));
		for (int i = 0; i < (twice ? 2 : 0); i++)
			vs_buf_add(b, VS_SPAN(from, (size_t)(end - from)));
		vs_buf_puts(b, end);
	}
	free(text);
}

static inline void
n_on_rim(struct n_case *c, int part, const struct vs_json *op, const char *what)
{
	struct vs_buf *b = &c->part[part];

	if (strcmp(what, "use-file") == 0)
		c->has[part] = n_read(n_str(op, "file"), b);
	else if (strcmp(what, "remove") == 0)
		c->has[part] = false;
	else if (strcmp(what, "truncate") == 0)
		b->n -= n_int(op, "by", 0);
	else if (strncmp(what, "replace-", 8) == 0)
		n_replace(b, n_str(op, "from"), n_str(op, "to"),
		    strcmp(what, "replace-all") == 0);
	else
		n_on_signature(b, strcmp(what, "regex-duplicate") == 0);
}

static inline void
n_apply(struct n_case *c, const struct vs_json *op)
{
	const char *target = n_str(op, "target"), *what = n_str(op, "op");

	if (strcmp(target, "report") == 0)
		n_on_report(&c->part[N_REPORT], op, what);
	else if (strcmp(target, "chain") == 0)
		n_on_chain(&c->part[N_CHAIN], op, what);
	else if (strncmp(target, "rim.", 4) == 0)
		n_on_rim(c, target[4] == 'd' ? N_DRIVER : N_VBIOS, op, what);
	else if (strcmp(target, "arch") == 0)
		snprintf(c->arch, sizeof(c->arch), "%s", n_str(op, "value"));
	else if (strcmp(target, "verify_at") == 0)
		n_time(n_str(op, "value"), &c->at);
	else if (strcmp(what, "copy-from-report") == 0)
		memcpy(c->nonce, c->part[N_REPORT].p + n_int(op, "off", 0), 32);
	else if (CHECK_STR(target, "nonce"))
		CHECK_INT(
		    vs_unhex(vs_span_cstr(n_str(op, "hex")), c->nonce, 32),
		    VS_OK);
}

#endif
