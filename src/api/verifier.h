/* SPDX-License-Identifier: Apache-2.0 */
/* The insides of the public verifier, shared by the files of this folder. */
#ifndef VS_API_VERIFIER_H
#define VS_API_VERIFIER_H

#include "collateral/collateral.h"
#include "evidence/evidence.h"
#include "policy/policy.h"
#include "vouchsafe/vouchsafe.h"

/* A client that checks one peer has a handful of policies. */
enum { VS_API_POLICIES_MAX = 64 };

struct vouchsafe_verifier {
	struct vs_collateral_builder *builder;         /* until sealed */
	struct vs_collateral *collateral;              /* once sealed */
	struct vs_policy *loaded[VS_API_POLICIES_MAX]; /* until sealed */
	size_t loaded_n;
	struct vs_policy_set *policies; /* once sealed */
	vs_crl_mode crl;
};

#endif
