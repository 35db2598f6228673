/* SPDX-License-Identifier: Apache-2.0 */
/* TCB info and QE identities as text, for tests and fuzz seeds. */
#ifndef VS_TESTS_INTEL_TEXT_H
#define VS_TESTS_INTEL_TEXT_H

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define INTEL_Z8                                                               \
	"\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{"         \
	"\"svn\":0},{\"svn\":0},{\"svn\":0}"
/* 16 components that begin with a, b, c. */
#define INTEL_COMPS(a, b, c)                                                   \
	"[{\"svn\":" a ",\"category\":\"BIOS\"},{\"svn\":" b "},{\"svn\":" c   \
	"},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},"       \
	"{" INTEL_Z8 "]"
#define INTEL_96_ZEROS                                                         \
	"00000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000"
#define INTEL_MODULE                                                           \
	"\"mrsigner\":\"" INTEL_96_ZEROS "\",\"attributes\":"                  \
	"\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\""

static const char intel_tdx_text[] =
    "{\"id\":\"TDX\",\"version\":3,\"issueDate\":\"2025-12-01T00:00:00Z\","
    "\"nextUpdate\":\"2025-12-31T00:00:00Z\",\"fmspc\":\"00AABBccddee\","
    "\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":17,"
    "\"tdxModule\":{" INTEL_MODULE "},\"tdxModuleIdentities\":[{\"id\":"
    "\"TDX_01\"," INTEL_MODULE ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":4},"
    "\"tcbDate\":\"2025-01-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},"
    "{\"tcb\":{\"isvsvn\":2},\"tcbDate\":\"2024-01-01T00:00:00Z\","
    "\"tcbStatus\":\"OutOfDate\",\"advisoryIDs\":[\"INTEL-SA-00003\"]}]}],"
    "\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomponents\":" INTEL_COMPS("5", "5",
	"2") ",\"pcesvn\":11,\"tdxtcbcomponents\":" INTEL_COMPS("5", "0",
	"5") "},\"tcbDate\":\"2025-02-01T00:00:00Z\",\"tcbStatus\":"
	     "\"UpToDate\"},"
	     "{\"tcb\":{\"sgxtcbcomponents\":" INTEL_COMPS("3", "3",
		 "2") ",\"pcesvn\":10,\"tdxtcbcomponents\":" INTEL_COMPS("3",
		 "0",
		 "3") "},\"tcbDate\":\"2023-02-01T00:00:00Z\",\"tcbStatus\":"
		      "\"OutOfDateConfigurationNeeded\",\"advisoryIDs\":["
		      "\"INTEL-SA-00001\","
		      "\"INTEL-SA-00002\"]}]}";

static const char intel_sgx_text[] =
    "{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2025-12-01T00:00:00Z\","
    "\"nextUpdate\":\"2025-12-31T00:00:00Z\",\"fmspc\":\"00906ED50000\","
    "\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":17,"
    "\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomponents\":" INTEL_COMPS("5", "5",
	"2") ",\"pcesvn\":11},\"tcbDate\":\"2025-02-01T00:00:00Z\","
	     "\"tcbStatus\":"
	     "\"SWHardeningNeeded\",\"advisoryIDs\":[\"INTEL-SA-00001\"]}]}";

static const char intel_v2_text[] =
    "{\"version\":2,\"issueDate\":\"2025-12-01T00:00:00Z\","
    "\"nextUpdate\":\"2025-12-31T00:00:00Z\",\"fmspc\":\"00906ED50000\","
    "\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":5,"
    "\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomp01svn\":1,\"sgxtcbcomp02svn\":2,"
    "\"sgxtcbcomp03svn\":3,\"sgxtcbcomp04svn\":4,\"sgxtcbcomp05svn\":5,"
    "\"sgxtcbcomp06svn\":6,\"sgxtcbcomp07svn\":7,\"sgxtcbcomp08svn\":8,"
    "\"sgxtcbcomp09svn\":9,\"sgxtcbcomp10svn\":10,\"sgxtcbcomp11svn\":11,"
    "\"sgxtcbcomp12svn\":12,\"sgxtcbcomp13svn\":13,\"sgxtcbcomp14svn\":14,"
    "\"sgxtcbcomp15svn\":15,\"sgxtcbcomp16svn\":255,\"pcesvn\":65535},"
    "\"tcbDate\":\"2025-02-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}";

#define INTEL_IDENTITY(id, signer, prodid)                                     \
	"{\"id\":\"" id "\",\"version\":2,\"issueDate\":"                      \
	"\"2025-12-01T00:00:00Z\",\"nextUpdate\":\"2025-12-31T00:00:00Z\","    \
	"\"tcbEvaluationDataNumber\":17,\"miscselect\":\"00000000\","          \
	"\"miscselectMask\":\"FFFFFFFF\",\"attributes\":"                      \
	"\"11000000000000000000000000000000\",\"attributesMask\":"             \
	"\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\"" signer          \
	"\",\"isvprodid\":" prodid ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":4},"  \
	"\"tcbDate\":\"2025-03-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},{"   \
	"\"tcb\":{\"isvsvn\":2},\"tcbDate\":\"2022-03-01T00:00:00Z\","         \
	"\"tcbStatus\":\"OutOfDate\",\"advisoryIDs\":[\"INTEL-SA-00004\","     \
	"\"INTEL-SA-00001\"]}]}"

static const char intel_tdqe_text[] = INTEL_IDENTITY("TD_QE",
    "DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5", "2");
static const char intel_qe_text[] = INTEL_IDENTITY("QE",
    "8C4F5775D796503E96137F77C68A829A0056AC8DED70140B081B094490C57BFF", "1");

/* The text with the nth (from 0) occurrence of find replaced. False when
 * there is none: then the test is out of step with the text. */
static inline bool
intel_replace(const char *text, const char *find, size_t nth, const char *with,
    struct vs_buf *out)
{
	const char *at = strstr(text, find);

	while (at != NULL && nth-- > 0)
		at = strstr(at + 1, find);
	if (at == NULL)
		return false;
	vs_buf_reset(out);
	vs_buf_add(out, VS_SPAN(text, (size_t)(at - text)));
	vs_buf_puts(out, with);
	vs_buf_puts(out, at + strlen(find));
	return true;
}

#endif
