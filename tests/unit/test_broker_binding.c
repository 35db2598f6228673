/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The binding strings, against constants that Python computed:
 *
 *   b = lambda v: base64.urlsafe_b64encode(v).rstrip(b"=").decode()
 *   x32 = bytes(0x40 + i for i in range(32)); y32 = the same from 0x80
 *   x48 = bytes(0x10 + i for i in range(48)); y48 = the same from 0xc0
 *   t = sha256('{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}' % (b(x), b(y)))
 *   (X25519: '{"crv":"X25519","kty":"OKP","x":"%s"}' % b(x32))
 *   sha512(b"vouchsafe/v1 report-data\0" + bytes(range(32)) + t + devices)
 *   devices: 32 zeros, or 32 times 0xee
 *   sha256(b"vouchsafe/v1 gpu\0" + bytes(range(32)) + t)
 *   S = lambda v: sha256(v); cc = S(b"vouchsafe/v1 cc-state\0" + state)
 *   S(S(b"report 0") + S(b"certs 0") + cc + S(b"report 1") + ...)
 */
#include "base/encoding.h"
#include "broker/broker.h"
#include "check.h"
#include "fake_world.h"

struct row {
	vs_curve curve;
	uint8_t x0, y0;
	size_t size;
	const char *thumbprint;
	const char *none;
	const char *devices;
	const char *gpu_nonce;
};

static const struct row rows[] = {
    {VS_CURVE_P256, 0x40, 0x80, 32,
	"8bfb937b3e913f3fde63698fa440da53795900571b8e45085036bbeaae29dc00",
	"547d233a6da43f44d70a107a6c959fd4353abde65a9d54755db7097854181e7d"
	"149c232b73d3d63e7f3cb72a92d2313cf9bff538de5bc65f8047024c2861e7b7",
	"9a062b001f657f991ee77e19cb94a81c92e10c4c58349753bdabbebbef815efe"
	"0c3e261b950929d9eb8fcb3ffebbd7667192af428b7da64355a0c3f09ec591db",
	"c5ec90deb61ca57ee010c86bc0ace2938d9bc4ffd559b5ee45d1c0151a5fcaa5"},
    {VS_CURVE_P384, 0x10, 0xc0, 48,
	"640be65c40b83cd54fc7f1e94bbacb3faf46629661a5e940db1798be7e146c46",
	"8485c60e394dd0c176ab38fc2215bc3bc57189ebbac535c0891e5ca412c57907"
	"bd73680eb1f0aad4dd67784dda102d2bb8da160151c2156cb70f90bc3d2d3cbb",
	"df535f68d1a8e7efc08d1be72515437ea5adccf5865819cddbe1cc3870bd18bc"
	"fa275db17810a8028b309ac49909985a73a2f89630d90b4394ed5c4c8e37dd0e",
	"a770811acd9ee9adecd94e9ab4f0b063aacbdb7462c3e8470ff88d99de5534ba"},
    {VS_CURVE_X25519, 0x40, 0, 32,
	"82fcdfbef5b7f2d536faf066cc8ab3a1e54653ceaa0a6fc04428384136d9aaac",
	"8918068eea1f7683c531e5d4239b7afb1b2b4c6a2f983302ffbeec4ac2cb067e"
	"371cef7a9348ca93bbf514b6e43679192984b34123bc0d11ffb908566e186b23",
	"a25be6aa0dfe6bfffb02bb17880960d419125c346e57e6621227a01c559e8601"
	"bba0a73d7231062f3f13986905cd2484a8314b01ed501420fe49154b96a95965",
	"dd369766e20eabd8c4e4f83ad1cff2a2ee3d4fbac329726168004b036448dfcb"},
};

static uint8_t x[64];
static uint8_t y[64];
static uint8_t nonce[32];

static struct vs_recipient
recipient(const struct row *r)
{
	for (size_t i = 0; i < 64; i++) {
		x[i] = (uint8_t)(r->x0 + i);
		y[i] = (uint8_t)(r->y0 + i);
	}
	for (size_t i = 0; i < 32; i++)
		nonce[i] = (uint8_t)i;
	return (struct vs_recipient){r->curve, VS_SPAN(x, r->size),
	    VS_SPAN(y, r->y0 == 0 ? 0 : r->size)};
}

static void
check_hex(const uint8_t *got, size_t n, const char *want)
{
	char text[129];

	vs_hex(VS_SPAN(got, n), text);
	CHECK_STR(text, want);
}

static void
test_constants(void)
{
	uint8_t devices[32];

	memset(devices, 0xee, sizeof devices);
	for (size_t i = 0; i < 3; i++) {
		struct vs_recipient to = recipient(&rows[i]);
		uint8_t out[64];

		CHECK_INT(vs_binding_thumbprint(&to, out), VS_OK);
		check_hex(out, 32, rows[i].thumbprint);
		CHECK_INT(vs_binding_report_data(
			      VS_SPAN_OF(nonce), &to, (struct vs_span){0}, out),
		    VS_OK);
		check_hex(out, 64, rows[i].none);
		CHECK_INT(vs_binding_report_data(
			      VS_SPAN_OF(nonce), &to, VS_SPAN_OF(devices), out),
		    VS_OK);
		check_hex(out, 64, rows[i].devices);
		CHECK_INT(
		    vs_binding_gpu_nonce(VS_SPAN_OF(nonce), &to, out), VS_OK);
		check_hex(out, 32, rows[i].gpu_nonce);
	}
}

#define DEVICE(i, state)                                                       \
	{                                                                      \
		VS_SPAN_LIT("report " i), VS_SPAN_LIT("certs " i), state       \
	}

static void
check_devices(const struct vs_device_input *gpus, size_t n,
    const struct vs_device_input *switches, size_t m, const char *want)
{
	struct vs_devices_input in = {gpus, n, switches, m};
	uint8_t out[32];

	CHECK_INT(vs_binding_devices(&in, out), VS_OK);
	check_hex(out, 32, want);
}

/* Every member of every device, their order, and what is not said. */
static void
test_devices(void)
{
	const struct vs_device_input said[] = {DEVICE("0", VS_CC_UNSAID),
	    DEVICE("0", VS_CC_ON), DEVICE("0", VS_CC_DEVTOOLS),
	    DEVICE("0", VS_CC_OFF)};
	const struct vs_device_input two[] = {
	    DEVICE("0", VS_CC_ON), DEVICE("1", VS_CC_UNSAID)};
	const struct vs_device_input turned[] = {two[1], two[0]};
	const struct vs_device_input other[] = {DEVICE("2", VS_CC_UNSAID)};

	check_devices(NULL, 0, NULL, 0,
	    "00000000000000000000000000000000"
	    "00000000000000000000000000000000");
	check_devices(&said[0], 1, NULL, 0,
	    "39dab6f801637424e08192a79cce73bb"
	    "4a8a61856a515441fd94f616049aac07");
	check_devices(&said[1], 1, NULL, 0,
	    "e738f296ea8c012e8731862351936b3f"
	    "ed94604f8a3ab31f994b10108de651db");
	check_devices(&said[2], 1, NULL, 0,
	    "9b48aaeb771e6beca26fd83d849682dd"
	    "11c881c502c7a1928cc7cdecae1998a7");
	check_devices(&said[3], 1, NULL, 0,
	    "b09ede5a4305af3a3ce9739612038d34"
	    "a22c80ef5804116189f3f13c939e4602");
	check_devices(two, 2, other, 1,
	    "cff27fa775aa0d28c0d452cd6fad3bc7"
	    "3a9c6bf274e253fd2b50d2f1c115c016");
	check_devices(turned, 2, other, 1,
	    "98c4ac355f7764db607f5eaecd260dcf"
	    "ade6b5e1458ad12e93c8a07a53bb5590");
}

static void
test_too_many_devices(void)
{
	static const struct vs_device_input many[VS_DEVICES_GPUS_MAX + 1];
	struct vs_devices_input in = {
	    many, VS_DEVICES_GPUS_MAX, many, VS_DEVICES_SWITCHES_MAX};
	uint8_t out[32];

	CHECK_INT(vs_binding_devices(&in, out), VS_OK);
	in.gpus_n++;
	CHECK_INT(vs_binding_devices(&in, out), VS_TOO_LARGE);
	in.gpus_n--;
	in.switches_n++;
	CHECK_INT(vs_binding_devices(&in, out), VS_TOO_LARGE);
}

static void
refused(struct vs_recipient to)
{
	uint8_t out[64] = {0};

	CHECK_INT(vs_binding_thumbprint(&to, out), VS_MALFORMED);
	CHECK_INT(vs_binding_report_data(
		      VS_SPAN_OF(nonce), &to, (struct vs_span){0}, out),
	    VS_MALFORMED);
	CHECK_INT(
	    vs_binding_gpu_nonce(VS_SPAN_OF(nonce), &to, out), VS_MALFORMED);
	CHECK(vs_span_zero(VS_SPAN_OF(out)));
}

static void
test_wrong_sizes_are_malformed(void)
{
	for (size_t i = 0; i < 3; i++) {
		struct vs_recipient good = recipient(&rows[i]);

		for (size_t n = 0; n < 64; n++) {
			struct vs_recipient to = good;

			if (n != good.x.n) {
				to.x.n = n;
				refused(to);
			}
			to = good;
			if (n != good.y.n) {
				to.y = VS_SPAN(y, n);
				refused(to);
			}
		}
	}
}

static void
test_unknown_curve_is_malformed(void)
{
	struct vs_recipient to = recipient(&rows[0]);

	to.curve = VS_CURVE_NONE;
	refused(to);
	to.curve = (vs_curve)99;
	refused(to);
}

static void
test_wrong_nonce_or_devices_are_malformed(void)
{
	struct vs_recipient to = recipient(&rows[0]);
	uint8_t out[64];

	for (size_t n = 0; n < 64; n++) {
		if (n != 32)
			CHECK_INT(vs_binding_report_data(VS_SPAN(x, n), &to,
				      (struct vs_span){0}, out),
			    VS_MALFORMED);
		if (n != 32)
			CHECK_INT(vs_binding_gpu_nonce(VS_SPAN(x, n), &to, out),
			    VS_MALFORMED);
		if (n != 32 && n != 0)
			CHECK_INT(vs_binding_report_data(VS_SPAN_OF(nonce), &to,
				      VS_SPAN(x, n), out),
			    VS_MALFORMED);
	}
}

int
main(void)
{
	RUN(test_constants);
	RUN(test_devices);
	RUN(test_too_many_devices);
	RUN(test_wrong_sizes_are_malformed);
	RUN(test_unknown_curve_is_malformed);
	RUN(test_wrong_nonce_or_devices_are_malformed);
	return check_result();
}
