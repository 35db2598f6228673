/* SPDX-License-Identifier: Apache-2.0 */
/* NVIDIA's part of a snapshot, for collateral/ only. */
#ifndef VS_COLLATERAL_NVIDIA_HELD_H
#define VS_COLLATERAL_NVIDIA_HELD_H

#include "collateral/nvidia.h"

struct vs_nv_ca;
struct vs_nv_pin;
/* NVIDIA's roots, checked against the pins given: separate so that a test
 * can show that the pin decides. */
VS_MUST_USE vs_status vs_trust_add_nvidia(struct vs_trust *t,
    const struct vs_nv_ca *cas, const struct vs_nv_pin *pins,
    struct vs_err *err);

/* A table, verified; known ones change nothing. */
VS_MUST_USE vs_status vs_trust_add_rim(
    struct vs_trust *t, struct vs_span table, struct vs_err *err);
void vs_trust_free_rims(struct vs_trust *t);
/* The list of an authority of NVIDIA's that is no anchor, by its name. */
bool vs_nv_is_authority(const char *cn);
/* Held until a chain brings the authority. Each takes ownership on success
 * only; known ones change nothing. */
VS_MUST_USE vs_status vs_trust_hold_nv_crl(
    struct vs_trust *t, struct vs_crl **crl, struct vs_err *err);
VS_MUST_USE vs_status vs_trust_hold_ocsp(
    struct vs_trust *t, struct vs_span der, struct vs_err *err);
void vs_trust_free_answers(struct vs_trust *t);
/* The rows of `collateral status`. */
void vs_ocsp_item(const struct vs_ocsp *o, struct vs_collateral_item *it);
void vs_rim_item(const struct vs_nv_rim *rim, struct vs_collateral_item *it);

#endif
