/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The claims schema: ONE table. The policy type checker, `vouchsafe policy
 * schema`, the JSON of `vouchsafe appraise` and the reference page in docs/
 * all derive from it. Adding a claim is adding one row.
 *
 * X(id, path, type, max, flags, doc)
 *   path  dotted; every prefix is a record ("snp", "snp.tcb", ...)
 *   type  BOOL, INT, STRING, TIME (Unix seconds), STRINGS (list of string)
 *   max   longest string in bytes (STRING, STRINGS), else 0: bounds the cost
 *         of a policy; a longer value is refused when the claim is set
 *   flags 0 = always present once evidence verified; OPT = may be absent, so
 *         policies guard it with has(); SENS = redacted in explanations
 *   doc   one line for people
 *
 * Digests and identifiers are lower-case hex without prefix.
 */
#ifndef VS_CLAIMS_SCHEMA_H
#define VS_CLAIMS_SCHEMA_H

enum { VS_CLAIM_OPT = 1, VS_CLAIM_SENS = 2 };

#define VS_CLAIM_TABLE(X)                                                      \
	VS_CLAIM_TABLE_REQUEST(X)                                              \
	VS_CLAIM_TABLE_TEE(X)                                                  \
	VS_CLAIM_TABLE_SNP(X)                                                  \
	VS_CLAIM_TABLE_SNP_TCB(X)                                              \
	VS_CLAIM_TABLE_AZURE(X)

/* Set by the broker for each key of a request. */
#define VS_CLAIM_TABLE_REQUEST(X)                                              \
	X(KEY_NAME, "key.name", STRING, 255, VS_CLAIM_OPT,                     \
	    "name of the key that is asked for")                               \
	X(KEY_NAMESPACE, "key.namespace", STRING, 255, VS_CLAIM_OPT,           \
	    "first segment of the key name")                                   \
	X(KEY_VERSION, "key.version", INT, 0, VS_CLAIM_OPT,                    \
	    "version of the key that would be released")

/* Common to every kind of evidence. */
#define VS_CLAIM_TABLE_TEE(X)                                                  \
	X(TEE_KIND, "tee.kind", STRING, 16, 0,                                 \
	    "kind of the evidence: snp, az-snp")                               \
	X(TEE_DEBUG, "tee.debug", BOOL, 0, 0,                                  \
	    "the host may read or change the guest's memory")                  \
	X(TEE_SIMULATED, "tee.simulated", BOOL, 0, 0,                          \
	    "the trust anchor is not the vendor's but one that the operator "  \
	    "named: proves nothing about hardware")                            \
	X(TEE_ANCHOR, "tee.anchor", STRING, 64, 0,                             \
	    "name of the trust anchor: ARK-Milan, ARK-Genoa, ARK-Turin, or "   \
	    "the operator's name for it")                                      \
	X(TEE_BOUND, "tee.bound", BOOL, 0, 0,                                  \
	    "the report carries the expected report data: fresh, and made for "\
	    "this recipient key; always true at release")                      \
	X(TEE_EVIDENCE_DIGEST, "tee.evidence_digest", STRING, 64, 0,           \
	    "SHA-256 of the signed part of the evidence")                      \
	X(TEE_CRL, "tee.crl", STRING, 16, 0,                                   \
	    "good: checked against a fresh revocation list; absent: there was "\
	    "none and the configuration allows that; off: not looked at")

#define VS_CLAIM_TABLE_SNP(X)                                                  \
	X(SNP_VERSION, "snp.version", INT, 0, VS_CLAIM_OPT,                    \
	    "report version, 2 to 5")                                          \
	X(SNP_PRODUCT, "snp.product", STRING, 16, VS_CLAIM_OPT,                \
	    "product line: Milan, Genoa, Turin")                               \
	X(SNP_SIGNER, "snp.signer", STRING, 8, VS_CLAIM_OPT,                   \
	    "kind of the signing key: vcek, vlek")                             \
	X(SNP_CSP_ID, "snp.csp_id", STRING, 128, VS_CLAIM_OPT,                 \
	    "cloud provider named in a VLEK; absent with a VCEK")              \
	X(SNP_MEASUREMENT, "snp.measurement", STRING, 96, VS_CLAIM_OPT,        \
	    "launch digest, SHA-384")                                          \
	X(SNP_HOST_DATA, "snp.host_data", STRING, 64, VS_CLAIM_OPT,            \
	    "chosen by the host at launch, fixed afterwards")                  \
	X(SNP_REPORT_DATA, "snp.report_data", STRING, 128, VS_CLAIM_OPT,       \
	    "chosen by the guest")                                             \
	X(SNP_REPORT_ID, "snp.report_id", STRING, 64, VS_CLAIM_OPT,            \
	    "random per launch of the guest")                                  \
	X(SNP_REPORT_ID_MA, "snp.report_id_ma", STRING, 64, VS_CLAIM_OPT,      \
	    "report id of the migration agent, all f without one")             \
	X(SNP_CHIP_ID, "snp.chip_id", STRING, 128, VS_CLAIM_OPT,               \
	    "identity of the processor; zeros with a VLEK")                    \
	X(SNP_CHIP_ID_MASKED, "snp.chip_id_masked", BOOL, 0, VS_CLAIM_OPT,     \
	    "the host hides the chip identity (VCEK with CHIP_ID zero)")       \
	X(SNP_VMPL, "snp.vmpl", INT, 0, VS_CLAIM_OPT,                          \
	    "privilege level that asked, 0 to 3; 4294967295: the host asked")  \
	X(SNP_GUEST_SVN, "snp.guest_svn", INT, 0, VS_CLAIM_OPT,                \
	    "from the ID block; means something only with a trusted ID key")   \
	X(SNP_FAMILY_ID, "snp.family_id", STRING, 32, VS_CLAIM_OPT,            \
	    "from the ID block; means something only with a trusted ID key")   \
	X(SNP_IMAGE_ID, "snp.image_id", STRING, 32, VS_CLAIM_OPT,              \
	    "from the ID block; means something only with a trusted ID key")   \
	X(SNP_ID_KEY_DIGEST, "snp.id_key_digest", STRING, 96, VS_CLAIM_OPT,    \
	    "digest of the key that signed the ID block; zeros without one")   \
	X(SNP_AUTHOR_KEY_EN, "snp.author_key_en", BOOL, 0, VS_CLAIM_OPT,       \
	    "an author key signed the ID key")                                 \
	X(SNP_AUTHOR_KEY_DIGEST, "snp.author_key_digest", STRING, 96,          \
	    VS_CLAIM_OPT, "digest of the author key; zeros without one")       \
	X(SNP_CPUID_FAMILY, "snp.cpuid_family", INT, 0, VS_CLAIM_OPT,          \
	    "combined CPU family; absent in report version 2")                 \
	X(SNP_CPUID_MODEL, "snp.cpuid_model", INT, 0, VS_CLAIM_OPT,            \
	    "combined CPU model; absent in report version 2")                  \
	X(SNP_CPUID_STEPPING, "snp.cpuid_stepping", INT, 0, VS_CLAIM_OPT,      \
	    "CPU stepping; absent in report version 2")                        \
	X(SNP_POLICY_RAW, "snp.policy.raw", STRING, 16, VS_CLAIM_OPT,          \
	    "guest policy as 16 hex digits")                                   \
	X(SNP_POLICY_ABI_MAJOR, "snp.policy.abi_major", INT, 0, VS_CLAIM_OPT,  \
	    "least firmware ABI, major")                                       \
	X(SNP_POLICY_ABI_MINOR, "snp.policy.abi_minor", INT, 0, VS_CLAIM_OPT,  \
	    "least firmware ABI, minor")                                       \
	X(SNP_POLICY_SMT, "snp.policy.smt", BOOL, 0, VS_CLAIM_OPT,             \
	    "SMT is allowed")                                                  \
	X(SNP_POLICY_MIGRATE_MA, "snp.policy.migrate_ma", BOOL, 0,             \
	    VS_CLAIM_OPT, "a migration agent may carry the guest elsewhere")   \
	X(SNP_POLICY_DEBUG, "snp.policy.debug", BOOL, 0, VS_CLAIM_OPT,         \
	    "debugging by the host is allowed")                                \
	X(SNP_POLICY_SINGLE_SOCKET, "snp.policy.single_socket", BOOL, 0,       \
	    VS_CLAIM_OPT, "runs on one socket only")                           \
	X(SNP_POLICY_CXL, "snp.policy.cxl", BOOL, 0, VS_CLAIM_OPT,             \
	    "CXL memory is allowed")                                           \
	X(SNP_POLICY_AES256_XTS, "snp.policy.mem_aes256_xts", BOOL, 0,         \
	    VS_CLAIM_OPT, "memory encryption must be AES-256-XTS")             \
	X(SNP_POLICY_RAPL_DIS, "snp.policy.rapl_dis", BOOL, 0, VS_CLAIM_OPT,   \
	    "power reporting must be off")                                     \
	X(SNP_POLICY_CIPHERTEXT_HIDING, "snp.policy.ciphertext_hiding", BOOL,  \
	    0, VS_CLAIM_OPT, "ciphertext hiding must be on")                   \
	X(SNP_POLICY_PAGE_SWAP_DISABLE, "snp.policy.page_swap_disable", BOOL,  \
	    0, VS_CLAIM_OPT, "page swapping is off")                           \
	X(SNP_POLICY_UNKNOWN, "snp.policy.unknown_bits", BOOL, 0,              \
	    VS_CLAIM_OPT, "a policy bit that this version cannot name is set") \
	X(SNP_PLATFORM_RAW, "snp.platform.raw", STRING, 16, VS_CLAIM_OPT,      \
	    "platform info as 16 hex digits")                                  \
	X(SNP_PLATFORM_SMT, "snp.platform.smt", BOOL, 0, VS_CLAIM_OPT,         \
	    "SMT is on")                                                       \
	X(SNP_PLATFORM_TSME, "snp.platform.tsme", BOOL, 0, VS_CLAIM_OPT,       \
	    "transparent memory encryption is on")                             \
	X(SNP_PLATFORM_ECC, "snp.platform.ecc", BOOL, 0, VS_CLAIM_OPT,         \
	    "memory has ECC")                                                  \
	X(SNP_PLATFORM_RAPL_DIS, "snp.platform.rapl_dis", BOOL, 0,             \
	    VS_CLAIM_OPT, "power reporting is off")                            \
	X(SNP_PLATFORM_CIPHERTEXT_HIDING, "snp.platform.ciphertext_hiding",    \
	    BOOL, 0, VS_CLAIM_OPT, "ciphertext hiding is on")                  \
	X(SNP_PLATFORM_ALIAS_CHECK, "snp.platform.alias_check_complete", BOOL, \
	    0, VS_CLAIM_OPT,                                                   \
	    "memory was checked for aliases since boot (CVE-2024-21944)")      \
	X(SNP_PLATFORM_TIO, "snp.platform.tio", BOOL, 0, VS_CLAIM_OPT,         \
	    "trusted I/O is on")                                               \
	X(SNP_MIT_LAUNCH, "snp.mitigations.launch", STRING, 16, VS_CLAIM_OPT,  \
	    "mitigation vector at launch, 16 hex digits; report version 5")    \
	X(SNP_MIT_CURRENT, "snp.mitigations.current", STRING, 16,              \
	    VS_CLAIM_OPT, "mitigation vector now, 16 hex digits; version 5")   \
	X(SNP_FW_CURRENT, "snp.firmware.current", STRING, 16, VS_CLAIM_OPT,    \
	    "firmware version that runs, major.minor.build")                   \
	X(SNP_FW_COMMITTED, "snp.firmware.committed", STRING, 16,              \
	    VS_CLAIM_OPT, "firmware version that cannot be rolled back")       \
	X(SNP_LEAF_SPKI, "snp.leaf_spki", STRING, 64, VS_CLAIM_OPT,            \
	    "SHA-256 of the signing key (SubjectPublicKeyInfo)")

#define VS_CLAIM_TCB_ROWS(X, ID, name, what)                                   \
	X(SNP_TCB_##ID##_RAW, "snp.tcb." name ".raw", STRING, 16,              \
	    VS_CLAIM_OPT, what ": the 8 bytes as in the report, hex")          \
	X(SNP_TCB_##ID##_FMC, "snp.tcb." name ".fmc", INT, 0, VS_CLAIM_OPT,    \
	    what ": FMC; Turin only")                                          \
	X(SNP_TCB_##ID##_BL, "snp.tcb." name ".boot_loader", INT, 0,           \
	    VS_CLAIM_OPT, what ": boot loader")                                \
	X(SNP_TCB_##ID##_TEE, "snp.tcb." name ".tee", INT, 0, VS_CLAIM_OPT,    \
	    what ": TEE")                                                      \
	X(SNP_TCB_##ID##_SNP, "snp.tcb." name ".snp", INT, 0, VS_CLAIM_OPT,    \
	    what ": SNP firmware")                                             \
	X(SNP_TCB_##ID##_UCODE, "snp.tcb." name ".microcode", INT, 0,          \
	    VS_CLAIM_OPT, what ": microcode")

#define VS_CLAIM_TABLE_SNP_TCB(X)                                              \
	VS_CLAIM_TCB_ROWS(X, CURRENT, "current", "TCB that runs")              \
	VS_CLAIM_TCB_ROWS(                                                     \
	    X, REPORTED, "reported", "TCB that the signing key stands for")    \
	VS_CLAIM_TCB_ROWS(                                                     \
	    X, COMMITTED, "committed", "TCB that cannot be rolled back")       \
	VS_CLAIM_TCB_ROWS(X, LAUNCH, "launch", "TCB at launch of the guest")

#define VS_CLAIM_TABLE_AZURE(X)                                                \
	X(AZ_USER_DATA, "azure.user_data", STRING, 128,                        \
	    VS_CLAIM_OPT | VS_CLAIM_SENS,                                      \
	    "user data of the runtime data, hex")                              \
	X(AZ_VM_ID, "azure.vm_unique_id", STRING, 64, VS_CLAIM_OPT,            \
	    "vmUniqueId of the runtime data")                                  \
	X(AZ_SECURE_BOOT, "azure.secure_boot", BOOL, 0, VS_CLAIM_OPT,          \
	    "secure-boot of the runtime data")                                 \
	X(AZ_RUNTIME_DIGEST, "azure.runtime_data_digest", STRING, 64,          \
	    VS_CLAIM_OPT, "SHA-256 of the runtime data")                       \
	X(AZ_QUOTE, "azure.quote_verified", BOOL, 0, VS_CLAIM_OPT,             \
	    "a vTPM quote by the key of the runtime data was verified")        \
	X(AZ_PCR_DIGEST, "azure.pcr_digest", STRING, 64, VS_CLAIM_OPT,         \
	    "SHA-256 over the 24 PCRs that the quote covers")

#endif
