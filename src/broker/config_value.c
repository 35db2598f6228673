/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/config_value.h"

#include <arpa/inet.h>
#include <string.h>

bool
vs_config_count(struct vs_span text, int64_t *out)
{
	int64_t v = 0;

	if (text.n == 0 || text.n > 12)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		v = v * 10 + (text.p[i] - '0');
	}
	*out = v;
	return true;
}

struct unit {
	const char *name;
	int64_t factor;
};

static bool
with_unit(struct vs_span text, const struct unit *units, size_t n, int64_t *out)
{
	int64_t v;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(units[i].name);

		if (text.n <= len ||
		    !vs_span_is(
			vs_span_slice(text, text.n - len, len), units[i].name))
			continue;
		/* 12 digits times 2^20 stay below 2^63. */
		if (!vs_config_count(vs_span_slice(text, 0, text.n - len), &v))
			return false;
		*out = v * units[i].factor;
		return true;
	}
	return false;
}

bool
vs_config_size(struct vs_span text, int64_t *out)
{
	static const struct unit units[] = {{"KiB", 1024}, {"MiB", 1 << 20}};

	return with_unit(text, units, VS_COUNT(units), out) ||
	    vs_config_count(text, out);
}

bool
vs_config_seconds(struct vs_span text, int64_t *out)
{
	static const struct unit units[] = {{"s", 1}, {"m", 60}, {"h", 3600}};

	return with_unit(text, units, VS_COUNT(units), out) ||
	    vs_config_count(text, out);
}

bool
vs_config_bool(struct vs_span text, bool *out)
{
	*out = vs_span_is(text, "true");
	return *out || vs_span_is(text, "false");
}

bool
vs_config_crl(struct vs_span text, vs_crl_mode *out)
{
	static const struct {
		const char *name;
		vs_crl_mode mode;
	} modes[] = {{"require", VS_CRL_REQUIRE},
	    {"if-present", VS_CRL_IF_PRESENT}, {"off", VS_CRL_OFF}};

	for (size_t i = 0; i < VS_COUNT(modes); i++) {
		if (!vs_span_is(text, modes[i].name))
			continue;
		*out = modes[i].mode;
		return true;
	}
	return false;
}

bool
vs_config_level(struct vs_span text, vs_log_level *out)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};

	for (size_t i = 0; i < VS_COUNT(names); i++) {
		if (!vs_span_is(text, names[i]))
			continue;
		*out = (vs_log_level)i;
		return true;
	}
	return false;
}

static vs_status
bad_address(const char *address, struct vs_err *err)
{
	return vs_fail(err, VS_USAGE,
	    "\"%.80s\" is no address and port; write 127.0.0.1:8443 or "
	    "[::1]:8443",
	    address);
}

vs_status
vs_config_split_address(
    const char *address, char host[64], uint16_t *port, struct vs_err *err)
{
	const char *colon = strrchr(address, ':');
	struct vs_span h;
	int64_t n;
	uint8_t raw[16];
	bool six;

	if (colon == NULL)
		return bad_address(address, err);
	h = VS_SPAN(address, (size_t)(colon - address));
	six = h.n > 2 && h.p[0] == '[' && h.p[h.n - 1] == ']';
	if (six)
		h = vs_span_slice(h, 1, h.n - 2);
	if (h.n == 0 || h.n > 63 ||
	    !vs_config_count(vs_span_cstr(colon + 1), &n) || n < 1 || n > 65535)
		return bad_address(address, err);
	memcpy(host, h.p, h.n);
	host[h.n] = '\0';
	if (inet_pton(six ? AF_INET6 : AF_INET, host, raw) != 1)
		return bad_address(address, err);
	*port = (uint16_t)n;
	return VS_OK;
}

bool
vs_config_is_loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

bool
vs_config_seal(struct vs_span text, const char **out)
{
	static const char *const kinds[] = {"file", "tpm2", "pkcs11", "shamir"};

	for (size_t i = 0; i < VS_COUNT(kinds); i++)
		if (vs_span_is(text, kinds[i])) {
			*out = kinds[i];
			return true;
		}
	return false;
}
