/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoints (C2SP tlog-checkpoint): a signed note (C2SP signed-note) whose
 * text is origin, size and root, a line each.
 */
#include <string.h>

#include "base/encoding.h"
#include "provenance/parts.h"

enum { LINES_MAX = 64, HINT = 4 };

static const char dash[] = "\xe2\x80\x94 "; /* em dash, space */

static vs_status
malformed(struct vs_err *err, const char *what)
{
	return vs_fail_code(
	    err, VS_MALFORMED, "malformed", "checkpoint: %s", what);
}

/* The next line, without its end; false where no line feed is left. */
static bool
next_line(struct vs_rd *in, struct vs_span *line)
{
	const uint8_t *nl = in->n > 0 ? memchr(in->p, '\n', in->n) : NULL;

	if (nl == NULL)
		return false;
	*line = VS_SPAN(in->p, (size_t)(nl - in->p));
	return vs_rd_skip(in, line->n + 1) == VS_OK;
}

/* Signed text, with its last line feed, and the lines of signatures. */
static bool
split(struct vs_span note, struct vs_span *text, struct vs_rd *sigs)
{
	for (size_t i = 0; i + 1 < note.n; i++) {
		if (note.p[i] != '\n' || note.p[i + 1] != '\n')
			continue;
		*text = vs_span_slice(note, 0, i + 1);
		*sigs = vs_rd_of(vs_span_slice(note, i + 2, note.n));
		return true;
	}
	return false;
}

/* Size and root are those that the proof leads to. */
static vs_status
same_tree(const struct vs_pv_proof *p, struct vs_span text, struct vs_arena *a,
    struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(text);
	struct vs_span origin, size_text, root_text, root;
	uint64_t size;

	if (!next_line(&rd, &origin) || origin.n == 0 ||
	    !next_line(&rd, &size_text) || !next_line(&rd, &root_text))
		return malformed(err, "wants origin, size and root");
	if (!vs_pv_decimal(size_text, &size))
		return malformed(err, "size");
	if (vs_b64_decode(a, root_text, &root) != VS_OK ||
	    root.n != VS_SHA256_SIZE)
		return malformed(err, "root");
	if (size != p->size || !vs_span_equal(root, p->root))
		return vs_fail_code(err, VS_UNTRUSTED,
		    "binding-mismatch.checkpoint",
		    "checkpoint: of another tree than the proof");
	return VS_OK;
}

/* "— name base64(hint ‖ signature)" */
static bool
read_sig(struct vs_span line, struct vs_arena *a, struct vs_span *name,
    struct vs_span *sig)
{
	const size_t head = sizeof(dash) - 1;
	const uint8_t *space;

	if (line.n <= head || memcmp(line.p, dash, head) != 0)
		return false;
	line = vs_span_slice(line, head, line.n);
	space = memchr(line.p, ' ', line.n);
	if (space == NULL || space == line.p)
		return false;
	*name = vs_span_slice(line, 0, (size_t)(space - line.p));
	return vs_b64_decode(
		   a, vs_span_slice(line, name->n + 1, line.n), sig) == VS_OK &&
	    sig->n > HINT;
}

/* Lines of witnesses and of other keys of the log are passed over; each one
 * that says it is by this key must be. */
static vs_status
check_sigs(struct vs_span text, struct vs_rd sigs, const struct vs_pv_log *log,
    struct vs_arena *a, struct vs_err *err)
{
	struct vs_span line, name, sig;
	size_t good = 0, lines = 0;

	while (sigs.n > 0) {
		if (++lines > LINES_MAX || !next_line(&sigs, &line) ||
		    !read_sig(line, a, &name, &sig))
			return malformed(err, "a line of signatures");
		if (!vs_span_equal(name, log->host) ||
		    memcmp(sig.p, log->id, HINT) != 0)
			continue;
		VS_TRY_CODE(err, "bad-signature.checkpoint", "checkpoint",
		    vs_sigkey_verify(
			log->key, text, vs_span_slice(sig, HINT, sig.n), err));
		good++;
	}
	if (good == 0)
		return vs_fail_code(err, VS_UNTRUSTED,
		    "missing-claim.checkpoint",
		    "checkpoint: no signature of the log");
	return VS_OK;
}

vs_status
vs_pv_checkpoint(const struct vs_pv_proof *p, const struct vs_pv_log *log,
    struct vs_arena *a, struct vs_err *err)
{
	struct vs_span text;
	struct vs_rd sigs;
	vs_status st;

	if (p->checkpoint.n == 0)
		return vs_fail_code(err, VS_UNTRUSTED,
		    "missing-claim.checkpoint", "a proof without checkpoint");
	if (!split(p->checkpoint, &text, &sigs))
		return malformed(err, "no blank line");
	st = same_tree(p, text, a, err);
	return st == VS_OK ? check_sigs(text, sigs, log, a, err) : st;
}
