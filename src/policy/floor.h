/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor: what every enforcing policy must demand of a guest, proved at
 * load. For each demand there is a world in which the guest does not meet it
 * and the attacker chooses everything else; the policy is evaluated over sets
 * of possible values, and if it can come out true in that world it does not
 * load. Sets only ever grow by what is not understood, so that a doubt is an
 * escape and never the other way round.
 */
#ifndef VS_POLICY_FLOOR_H
#define VS_POLICY_FLOOR_H

#include "policy/document.h"

/* X(symbol, name in `waive`, what is let in without it). */
#define VS_FLOOR_TABLE(X)                                                      \
	X(VS_FLOOR_DEBUG, "debug", "a guest under debug")                      \
	X(VS_FLOOR_TCB, "tcb", "a host with any TCB, however old")             \
	X(VS_FLOOR_IDENTITY, "identity", "a guest of any image")               \
	X(VS_FLOOR_GPU_COUNT, "gpu-count", "a guest without GPUs")             \
	X(VS_FLOOR_GPU_CC, "gpu-cc", "a GPU that is not in confidential mode")

typedef enum vs_floor_check {
#define X(sym, name, what) sym,
	VS_FLOOR_TABLE(X)
#undef X
	    VS_FLOOR_COUNT
} vs_floor_check;

/* Reports E_FLOOR for what is not proved and not waived at now. */
void vs_doc_floor(struct vs_pol_doc *d, int64_t now_ms);

/* ---- inside ------------------------------------------------------------ */

/* What a value may be. The first two are for bools alone. */
enum { FL_TRUE = 1, FL_FALSE = 2, FL_ERROR = 4, FL_ANY = 8 };

typedef enum vs_fl_kind {
	FL_CONST = 0,   /* val */
	FL_RANGE,       /* an int, or the seconds of a timestamp */
	FL_FRESH,       /* of a claim: nothing that is written or listed */
	FL_OTHER,       /* of a claim: none of its other cells */
	FL_HOLDS_FRESH, /* a list of a claim with such an element */
	FL_TRUSTED,     /* text from a list or registry */
	FL_SET,         /* a list or registry */
	FL_ENTRY,       /* of a registry */
	FL_GPUS,
	FL_GPU, /* the one that the world is about */
} vs_fl_kind;

struct vs_fl_alt {
	uint8_t kind;
	uint32_t claim; /* FRESH, OTHER */
	union {
		struct vs_val val;
		struct {
			int64_t lo, hi;
		} range;
	} u;
};

enum { FL_ALTS_MAX = 12 };

/* FL_* bits, and the values it may be beside them. */
struct vs_fl_val {
	uint8_t may;
	uint8_t n;
	struct vs_fl_alt alt[FL_ALTS_MAX];
};

/* One way for a claim to be: may (ERROR: absent), or alt where may is 0. */
struct vs_fl_cell {
	uint8_t may;
	struct vs_fl_alt alt;
};

struct vs_fl_claim {
	bool read;   /* by a rule */
	bool forced; /* by the world */
	bool absent; /* it may be */
	bool many;   /* too many constants to be split by */
	uint8_t n;   /* cells; 0: anything */
	int8_t now;  /* the cell that is looked at; -1: all of them */
	struct vs_fl_cell cell[FL_ALTS_MAX];
};

/* How the search for an escape sees GPUs. */
typedef enum vs_fl_gpus {
	FL_GPUS_FREE = 0,
	FL_GPUS_NONE,
	FL_GPUS_BAD, /* one of them at least, FL_GPU */
} vs_fl_gpus;

struct vs_floor {
	const struct vs_policy *p;
	vs_fl_gpus gpus;
	uint32_t steps; /* nodes that were evaluated */
	bool spent;     /* too many */
	bool no_memory;
	struct vs_fl_claim claim[VS_CLAIM_COUNT];
	struct vs_fl_val let[VS_POL_NAMES_MAX];
	struct vs_fl_val local[VS_CEL_LOCALS_MAX];
	uint16_t order[VS_CLAIM_COUNT]; /* in which claims are split */
	size_t order_n;
};

/* So many for one world: past that nothing is proved. */
enum { FL_STEPS_MAX = 400000 };

/* floor_facts.c: kinds of evidence that a policy admits. */
struct vs_fl_evidence;
const struct vs_fl_evidence *vs_fl_evidence(size_t i); /* NULL past the end */
const char *vs_fl_evidence_kind(const struct vs_fl_evidence *e);
bool vs_fl_is_of(const struct vs_fl_evidence *e, int tee);
bool vs_fl_admits(const struct vs_policy *p, const struct vs_fl_evidence *e);
/* False where the build knows no claims of such evidence: none can verify. */
bool vs_fl_exists(const struct vs_fl_evidence *e);
/* How many worlds a check has, and who gets in where one is not ruled out. */
size_t vs_fl_worlds(const struct vs_fl_evidence *e, vs_floor_check check);
const char *vs_fl_what(
    const struct vs_fl_evidence *e, vs_floor_check check, size_t world);
/* Sets up the world. False when no claim tells what the check is about. */
bool vs_fl_force(struct vs_floor *f, const struct vs_fl_evidence *e,
    vs_floor_check check, size_t world);

/* floor_domain.c: the cells of every claim that a rule reads, and the order
 * of the search. After vs_fl_force. */
void vs_fl_domains(struct vs_floor *f);
void vs_fl_order(struct vs_floor *f);
/* Whether an expression reads what the world is about. */
bool vs_fl_concerns(const struct vs_floor *f, const struct vs_cel_node *n);

/* floor_eval.c. After a change of cells, vs_fl_lets first. */
void vs_fl_lets(struct vs_floor *f);
void vs_fl_eval(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out);
/* FL_TRUE, FL_FALSE and FL_ERROR. */
unsigned vs_fl_bool(struct vs_floor *f, const struct vs_cel_node *n);

/* A list that is written out but not constant, [a, b]; else NULL. */
const struct vs_cel_node *vs_fl_written_list(
    const struct vs_floor *f, const struct vs_cel_node *n);
void vs_fl_bits(struct vs_fl_val *out, unsigned may);
void vs_fl_one(struct vs_fl_val *out, vs_fl_kind kind);
/* Nothing is known but the type. */
void vs_fl_unknown(const struct vs_cel_node *n, struct vs_fl_val *out);

/* floor_loop.c. */
void vs_fl_loop(
    struct vs_floor *f, const struct vs_cel_node *n, struct vs_fl_val *out);

/* floor_value.c. */
void vs_fl_add(struct vs_fl_val *v, struct vs_fl_alt alt);
void vs_fl_join(struct vs_fl_val *v, const struct vs_fl_val *w);
struct vs_fl_alt vs_fl_of_val(struct vs_val val);
void vs_fl_add_val(struct vs_fl_val *v, struct vs_val val);
unsigned vs_fl_truth(const struct vs_fl_val *v);
/* Nothing but an error. */
bool vs_fl_fails(const struct vs_fl_val *v);
/* The relation of op (EQ .. GE), as bits. */
unsigned vs_fl_relate(const struct vs_floor *f, int op,
    const struct vs_fl_val *a, const struct vs_fl_val *b);
/* a in (a value that is one of container). */
unsigned vs_fl_in(const struct vs_floor *f, const struct vs_fl_val *a,
    const struct vs_fl_val *container);

/* floor_why.c: reports the way out that the search has found. */
void vs_fl_report(struct vs_floor *f, struct vs_pol_doc *d, const char *what,
    const char *kind);

#endif
