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
	VS_CLAIM_TABLE_AZURE(X)                                                \
	VS_CLAIM_TABLE_TCB(X)                                                  \
	VS_CLAIM_TABLE_INTEL(X)                                                \
	VS_CLAIM_TABLE_TDX(X)                                                  \
	VS_CLAIM_TABLE_SGX(X)                                                  \
	VS_CLAIM_TABLE_EVENT_LOG(X)

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
	    "kind of the evidence: snp, az-snp, tdx, sgx, az-tdx")             \
	X(TEE_DEBUG, "tee.debug", BOOL, 0, 0,                                  \
	    "the host may read or change the guest's memory")                  \
	X(TEE_SIMULATED, "tee.simulated", BOOL, 0, 0,                          \
	    "the trust anchor is not the vendor's but one that the operator "  \
	    "named: proves nothing about hardware")                            \
	X(TEE_ANCHOR, "tee.anchor", STRING, 64, 0,                             \
	    "name of the trust anchor: ARK-Milan, ARK-Genoa, ARK-Turin, Intel "\
	    "SGX Root CA, or the operator's name for it")                      \
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

/* Intel's judgement of a platform. */
#define VS_CLAIM_TABLE_TCB(X)                                                  \
	X(TCB_STATUS, "tcb_status", STRING, 64, VS_CLAIM_OPT,                  \
	    "Intel's word for the platform, all parts together: UpToDate, "    \
	    "SWHardeningNeeded, ConfigurationNeeded, "                         \
	    "ConfigurationAndSWHardeningNeeded, TDRelaunchAdvised, "           \
	    "TDRelaunchAdvisedConfigurationNeeded, OutOfDate, "                \
	    "OutOfDateConfigurationNeeded; Revoked never verifies")            \
	X(ADVISORIES, "advisories", STRINGS, 32, VS_CLAIM_OPT,                 \
	    "Intel's advisories that apply to the platform, sorted")           \
	X(TCB_DATE, "tcb_date", TIME, 0, VS_CLAIM_OPT,                         \
	    "the platform lacks no fix that Intel published before then")      \
	X(TCB_NUMBER, "tcb_evaluation_data_number", INT, 0, VS_CLAIM_OPT,      \
	    "number of Intel's TCB info that was used; higher is later: a "    \
	    "minimum here keeps out statements from before a TCB recovery")

/* What is known of the platform. */
#define VS_CLAIM_TABLE_INTEL(X)                                                \
	X(INTEL_FMSPC, "intel.fmspc", STRING, 12, VS_CLAIM_OPT,                \
	    "family, model, stepping, platform type and custom SKU")           \
	X(INTEL_PCEID, "intel.pceid", STRING, 4, VS_CLAIM_OPT,                 \
	    "id of the provisioning certification enclave")                    \
	X(INTEL_PCK_CA, "intel.pck_ca", STRING, 64, VS_CLAIM_OPT,              \
	    "name of the authority that issued the platform's certificate")    \
	X(INTEL_PCK_SPKI, "intel.pck_spki", STRING, 64, VS_CLAIM_OPT,          \
	    "SHA-256 of the platform's key (SubjectPublicKeyInfo)")            \
	X(INTEL_SGX_TYPE, "intel.sgx_type", STRING, 16, VS_CLAIM_OPT,          \
	    "memory protection: standard, scalable, integrity")                \
	X(INTEL_SMT, "intel.smt", BOOL, 0, VS_CLAIM_OPT,                       \
	    "SMT is on; absent where the certificate does not say")            \
	X(INTEL_CACHED_KEYS, "intel.cached_keys", BOOL, 0, VS_CLAIM_OPT,       \
	    "Intel keeps the platform's root keys; absent as intel.smt")       \
	X(INTEL_DYNAMIC, "intel.dynamic_platform", BOOL, 0, VS_CLAIM_OPT,      \
	    "processor packages can be added; absent as intel.smt")            \
	X(INTEL_COMPONENTS, "intel.sgx_components", STRING, 32, VS_CLAIM_OPT,  \
	    "the 16 SVNs of the platform's certificate")                       \
	X(INTEL_PCESVN, "intel.pcesvn", INT, 0, VS_CLAIM_OPT,                  \
	    "SVN of the provisioning certification enclave")                   \
	X(INTEL_QE_ISVSVN, "intel.qe_isvsvn", INT, 0, VS_CLAIM_OPT,            \
	    "SVN of the quoting enclave")                                      \
	X(INTEL_QUOTE_VERSION, "intel.quote_version", INT, 0, VS_CLAIM_OPT,    \
	    "version of the quote, 3 to 5")                                    \
	X(INTEL_PLATFORM_STATUS, "intel.platform_status", STRING, 64,          \
	    VS_CLAIM_OPT, "Intel's word for processor and microcode alone")    \
	X(INTEL_MODULE_STATUS, "intel.module_status", STRING, 64,              \
	    VS_CLAIM_OPT,                                                      \
	    "Intel's word for the TDX module alone; absent for modules before "\
	    "TDX 1.5 and for SGX")                                             \
	X(INTEL_QE_STATUS, "intel.qe_status", STRING, 64, VS_CLAIM_OPT,        \
	    "Intel's word for the quoting enclave alone")                      \
	X(INTEL_INFO_VERSION, "intel.tcb_info_version", INT, 0, VS_CLAIM_OPT,  \
	    "version of Intel's TCB info: 3, or 2 where that is allowed")      \
	X(INTEL_QE_NUMBER, "intel.qe_evaluation_data_number", INT, 0,          \
	    VS_CLAIM_OPT, "number of Intel's QE identity that was used")

#define VS_CLAIM_TABLE_TDX(X)                                                  \
	X(TDX_MRTD, "tdx.mrtd", STRING, 96, VS_CLAIM_OPT,                      \
	    "initial contents of the TD: the firmware")                        \
	X(TDX_RTMR0, "tdx.rtmr0", STRING, 96, VS_CLAIM_OPT,                    \
	    "configuration of the firmware, secure boot, ACPI tables")         \
	X(TDX_RTMR1, "tdx.rtmr1", STRING, 96, VS_CLAIM_OPT,                    \
	    "boot loader, kernel, partition table")                            \
	X(TDX_RTMR2, "tdx.rtmr2", STRING, 96, VS_CLAIM_OPT,                    \
	    "kernel command line, initrd, files of the OS")                    \
	X(TDX_RTMR3, "tdx.rtmr3", STRING, 96, VS_CLAIM_OPT,                    \
	    "whatever the guest extended at run time")                         \
	X(TDX_REPORT_DATA, "tdx.report_data", STRING, 128, VS_CLAIM_OPT,       \
	    "chosen by the guest")                                             \
	X(TDX_MRCONFIGID, "tdx.mrconfigid", STRING, 96, VS_CLAIM_OPT,          \
	    "chosen by the host at creation, fixed afterwards")                \
	X(TDX_MROWNER, "tdx.mrowner", STRING, 96, VS_CLAIM_OPT,                \
	    "chosen by the host at creation, fixed afterwards")                \
	X(TDX_MROWNERCONFIG, "tdx.mrownerconfig", STRING, 96, VS_CLAIM_OPT,    \
	    "chosen by the host at creation, fixed afterwards")                \
	X(TDX_MRSERVICETD, "tdx.mrservicetd", STRING, 96, VS_CLAIM_OPT,        \
	    "digest of the service TDs that may act on this one, zeros "       \
	    "without any; absent in quotes of TDX 1.0 form")                   \
	X(TDX_MRSEAM, "tdx.mrseam", STRING, 96, VS_CLAIM_OPT,                  \
	    "digest of the TDX module")                                        \
	X(TDX_MRSIGNERSEAM, "tdx.mrsignerseam", STRING, 96, VS_CLAIM_OPT,      \
	    "signer of the TDX module, zeros for Intel")                       \
	X(TDX_SEAMATTRIBUTES, "tdx.seam_attributes", STRING, 16,               \
	    VS_CLAIM_OPT, "attributes of the TDX module, in byte order")       \
	X(TDX_MODULE_VERSION, "tdx.module_version", INT, 0, VS_CLAIM_OPT,      \
	    "major version of the TDX module, 0 for TDX 1.0")                  \
	X(TDX_TCB_SVN, "tdx.tee_tcb_svn", STRING, 32, VS_CLAIM_OPT,            \
	    "SVNs of the TDX module at launch of the TD")                      \
	X(TDX_TCB_SVN2, "tdx.tee_tcb_svn2", STRING, 32, VS_CLAIM_OPT,          \
	    "SVNs of the TDX module that runs now; absent in quotes of TDX "   \
	    "1.0 form")                                                        \
	X(TDX_RELAUNCH, "tdx.relaunch_advised", BOOL, 0, VS_CLAIM_OPT,         \
	    "the TD was launched on an outdated module, the host has a "       \
	    "current one")                                                     \
	X(TDX_ATTR_RAW, "tdx.attributes.raw", STRING, 16, VS_CLAIM_OPT,        \
	    "TD attributes as 16 hex digits")                                  \
	X(TDX_ATTR_DEBUG, "tdx.attributes.debug", BOOL, 0, VS_CLAIM_OPT,       \
	    "the host can read the TD's memory")                               \
	X(TDX_ATTR_TUD, "tdx.attributes.profiled", BOOL, 0, VS_CLAIM_OPT,      \
	    "another bit of the byte \"TD under debug\" is set")             \
	X(TDX_ATTR_ICSSD, "tdx.attributes.icssd", BOOL, 0, VS_CLAIM_OPT,       \
	    "ICSSD")                                                           \
	X(TDX_ATTR_LASS, "tdx.attributes.lass", BOOL, 0, VS_CLAIM_OPT,         \
	    "linear address space separation")                                 \
	X(TDX_ATTR_SEPT_VE, "tdx.attributes.sept_ve_disable", BOOL, 0,         \
	    VS_CLAIM_OPT,                                                      \
	    "no exception in the TD when the host takes a page away; clear "   \
	    "under Azure's paravisor")                                         \
	X(TDX_ATTR_MIGRATABLE, "tdx.attributes.migratable", BOOL, 0,           \
	    VS_CLAIM_OPT, "a migration TD may carry it elsewhere")             \
	X(TDX_ATTR_PKS, "tdx.attributes.pks", BOOL, 0, VS_CLAIM_OPT,           \
	    "protection keys for supervisor pages")                            \
	X(TDX_ATTR_KL, "tdx.attributes.kl", BOOL, 0, VS_CLAIM_OPT,             \
	    "key locker")                                                      \
	X(TDX_ATTR_TPA, "tdx.attributes.tpa", BOOL, 0, VS_CLAIM_OPT, "TPA")    \
	X(TDX_ATTR_PERFMON, "tdx.attributes.perfmon", BOOL, 0, VS_CLAIM_OPT,   \
	    "performance counters")                                            \
	X(TDX_ATTR_UNKNOWN, "tdx.attributes.unknown_bits", BOOL, 0,            \
	    VS_CLAIM_OPT, "a bit that this version cannot name is set")        \
	X(TDX_XFAM_RAW, "tdx.xfam.raw", STRING, 16, VS_CLAIM_OPT,              \
	    "processor state that the TD may use, as 16 hex digits")           \
	X(TDX_XFAM_AVX, "tdx.xfam.avx", BOOL, 0, VS_CLAIM_OPT, "AVX")          \
	X(TDX_XFAM_AVX512, "tdx.xfam.avx512", BOOL, 0, VS_CLAIM_OPT,           \
	    "AVX-512")                                                         \
	X(TDX_XFAM_PT, "tdx.xfam.pt", BOOL, 0, VS_CLAIM_OPT,                   \
	    "processor trace")                                                 \
	X(TDX_XFAM_PKRU, "tdx.xfam.pkru", BOOL, 0, VS_CLAIM_OPT,               \
	    "protection keys for user pages")                                  \
	X(TDX_XFAM_CET, "tdx.xfam.cet", BOOL, 0, VS_CLAIM_OPT,                 \
	    "control-flow enforcement")                                        \
	X(TDX_XFAM_UINTR, "tdx.xfam.uintr", BOOL, 0, VS_CLAIM_OPT,             \
	    "user interrupts")                                                 \
	X(TDX_XFAM_LBR, "tdx.xfam.lbr", BOOL, 0, VS_CLAIM_OPT,                 \
	    "last branch records")                                             \
	X(TDX_XFAM_AMX, "tdx.xfam.amx", BOOL, 0, VS_CLAIM_OPT, "AMX")          \
	X(TDX_XFAM_UNKNOWN, "tdx.xfam.unknown_bits", BOOL, 0, VS_CLAIM_OPT,    \
	    "a bit that this version cannot name is set")

#define VS_CLAIM_TABLE_SGX(X)                                                  \
	X(SGX_MRENCLAVE, "sgx.mrenclave", STRING, 64, VS_CLAIM_OPT,            \
	    "digest of the enclave")                                           \
	X(SGX_MRSIGNER, "sgx.mrsigner", STRING, 64, VS_CLAIM_OPT,              \
	    "digest of the key that signed the enclave")                       \
	X(SGX_PRODID, "sgx.isvprodid", INT, 0, VS_CLAIM_OPT,                   \
	    "product number, given by the signer")                             \
	X(SGX_SVN, "sgx.isvsvn", INT, 0, VS_CLAIM_OPT,                         \
	    "security version, given by the signer")                           \
	X(SGX_CONFIGID, "sgx.configid", STRING, 128, VS_CLAIM_OPT,             \
	    "chosen by the host at launch, fixed afterwards (KSS)")            \
	X(SGX_CONFIGSVN, "sgx.configsvn", INT, 0, VS_CLAIM_OPT,                \
	    "chosen by the host at launch, fixed afterwards (KSS)")            \
	X(SGX_EXTPRODID, "sgx.isvextprodid", STRING, 32, VS_CLAIM_OPT,         \
	    "long product id, given by the signer (KSS)")                      \
	X(SGX_FAMILYID, "sgx.isvfamilyid", STRING, 32, VS_CLAIM_OPT,           \
	    "product family, given by the signer (KSS)")                       \
	X(SGX_REPORT_DATA, "sgx.report_data", STRING, 128, VS_CLAIM_OPT,       \
	    "chosen by the enclave")                                           \
	X(SGX_CPUSVN, "sgx.cpusvn", STRING, 32, VS_CLAIM_OPT,                  \
	    "SVNs of the processor as the enclave saw them")                   \
	X(SGX_MISCSELECT, "sgx.miscselect", STRING, 8, VS_CLAIM_OPT,           \
	    "extended state that is saved on exits, in byte order")            \
	X(SGX_ATTR_RAW, "sgx.attributes.raw", STRING, 32, VS_CLAIM_OPT,        \
	    "the 16 bytes of flags and XFRM, hex")                             \
	X(SGX_ATTR_DEBUG, "sgx.attributes.debug", BOOL, 0, VS_CLAIM_OPT,       \
	    "the host can read the enclave's memory")                          \
	X(SGX_ATTR_MODE64, "sgx.attributes.mode64bit", BOOL, 0, VS_CLAIM_OPT,  \
	    "64-bit mode")                                                     \
	X(SGX_ATTR_PROVISION, "sgx.attributes.provision_key", BOOL, 0,         \
	    VS_CLAIM_OPT, "may derive provisioning keys")                      \
	X(SGX_ATTR_EINITTOKEN, "sgx.attributes.einittoken_key", BOOL, 0,       \
	    VS_CLAIM_OPT, "may derive the launch key")                         \
	X(SGX_ATTR_KSS, "sgx.attributes.kss", BOOL, 0, VS_CLAIM_OPT,           \
	    "key separation and sharing: CONFIGID and the long ids count")     \
	X(SGX_ATTR_AEXNOTIFY, "sgx.attributes.aex_notify", BOOL, 0,            \
	    VS_CLAIM_OPT, "is told of interruptions")                          \
	X(SGX_ATTR_UNKNOWN, "sgx.attributes.unknown_bits", BOOL, 0,            \
	    VS_CLAIM_OPT, "a flag that this version cannot name is set")

/* Only of a log that the RTMRs 0 to 2 bear out. */
#define VS_CLAIM_TABLE_EVENT_LOG(X)                                            \
	X(EVENT_LOG_EVENTS, "eventlog.events", INT, 0, VS_CLAIM_OPT,           \
	    "events in the log")                                               \
	X(EVENT_LOG_RTMR3, "eventlog.rtmr3_replayed", BOOL, 0, VS_CLAIM_OPT,   \
	    "the log explains RTMR3, too")                                     \
	X(EVENT_LOG_SECURE_BOOT, "eventlog.secure_boot", BOOL, 0,              \
	    VS_CLAIM_OPT, "the firmware measured that secure boot is on")      \
	X(EVENT_LOG_APPS, "eventlog.applications", STRINGS, 512, VS_CLAIM_OPT, \
	    "all events of RTMR3, in their order: name=hex (dstack, each "     \
	    "name once), or text (AAEL); absent when the log does not give "   \
	    "RTMR3 or one of them is not understood. Later ones may be by "    \
	    "whatever runs in the guest")

#endif
