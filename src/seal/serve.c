/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/serve.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "seal/backend.h"

struct answer {
	struct vs_buf blob;
	struct vs_secret *secret;
	uint64_t count;
	struct vs_err err;
};

static const char *
or_null(const char *s)
{
	return s[0] == '\0' ? NULL : s;
}

static struct vs_seal_conf
conf_of(char *const *args)
{
	struct vs_seal_conf c = {0};

	c.tpm2.tcti = or_null(args[0]);
	c.tpm2.pcrs = or_null(args[1]);
	c.tpm2.policy_key = or_null(args[2]);
	c.tpm2.policy_sig = or_null(args[3]);
	c.pkcs11.module = or_null(args[4]);
	c.pkcs11.token = or_null(args[5]);
	c.pkcs11.key = or_null(args[6]);
	c.pkcs11.pin_file = or_null(args[7]);
	return c;
}

static vs_status
run(const struct vs_seal_conf *c, uint8_t op, struct vs_span in,
    struct answer *a)
{
	switch ((vs_seal_op)op) {
	case VS_SEAL_OP_TPM2_WRAP:
		return vs_tpm2_wrap(c, in, &a->blob, &a->err);
	case VS_SEAL_OP_TPM2_UNWRAP:
		return vs_tpm2_unwrap(c, in, &a->secret, &a->err);
	case VS_SEAL_OP_PKCS11_WRAP:
		return vs_pkcs11_wrap(c, in, &a->blob, &a->err);
	case VS_SEAL_OP_PKCS11_UNWRAP:
		return vs_pkcs11_unwrap(c, in, &a->secret, &a->err);
	case VS_SEAL_OP_COUNTER_DEFINE:
		return vs_counter_define(c, &a->count, &a->err);
	case VS_SEAL_OP_COUNTER_READ:
		return vs_counter_read(c, &a->count, &a->err);
	case VS_SEAL_OP_COUNTER_BUMP:
		return vs_counter_bump(c, &a->count, &a->err);
	}
	return vs_fail(&a->err, VS_MALFORMED, "no such operation");
}

static uint8_t
code_number(const char *code)
{
	static const char *const codes[] = VS_SEAL_CODES;

	for (uint8_t i = 1; code != NULL && i < VS_COUNT(codes); i++)
		if (strcmp(code, codes[i]) == 0)
			return i;
	return 0;
}

/* The secret goes from locked memory to the socket. */
static bool
send_answer(int fd, vs_status st, const struct answer *a)
{
	uint8_t head[8 + VS_ERR_MSG_MAX];
	struct vs_wr w = vs_wr_of(head, sizeof head);
	struct vs_span message = vs_span_cstr(a->err.msg);
	struct vs_span data = vs_buf_span(&a->blob);
	uint8_t count[8];
	struct vs_wr number = vs_wr_of(count, sizeof count);
	struct iovec parts[2];
	struct msghdr m = {.msg_iov = parts, .msg_iovlen = 2};

	vs_wr_u32be(&w, (uint32_t)st);
	vs_wr_u8(&w, code_number(a->err.code));
	message = vs_span_slice(message, 0, st == VS_OK ? 0 : UINT8_MAX);
	vs_wr_u8(&w, (uint8_t)message.n);
	vs_wr_bytes(&w, message);
	vs_wr_u64be(&number, a->count);
	if (a->secret != NULL)
		data = vs_secret_peek(a->secret);
	else if (data.n == 0 && a->count != 0)
		data = VS_SPAN_OF(count);
	if (st != VS_OK)
		data.n = 0;
	parts[0] = (struct iovec){.iov_base = head, .iov_len = w.n};
	memcpy(&parts[1].iov_base, &data.p, sizeof data.p); /* only read */
	parts[1].iov_len = data.n;
	return sendmsg(fd, &m, MSG_NOSIGNAL) == (ssize_t)(w.n + data.n);
}

bool
vs_seal_serve(int fd, char *const *args)
{
	const struct vs_seal_conf c = conf_of(args);
	struct vs_secret *in = vs_secret_new(VS_SEAL_MESSAGE_MAX);
	struct answer a = {0};
	vs_status st;
	ssize_t n;
	bool ok;

	if (in == NULL)
		return false;
	do
		n = recv(fd, vs_secret_poke(in), VS_SEAL_MESSAGE_MAX, 0);
	while (n < 0 && errno == EINTR);
	if (n < 1) {
		vs_secret_free(&in);
		return false;
	}
	st = run(&c, vs_secret_peek(in).p[0],
	    vs_span_slice(vs_secret_peek(in), 1, (size_t)n - 1), &a);
	ok = send_answer(fd, st, &a);
	vs_secret_free(&in);
	vs_secret_free(&a.secret);
	vs_buf_fini(&a.blob);
	return ok;
}
