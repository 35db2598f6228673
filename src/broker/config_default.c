/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration says that says nothing. */
#include "broker/config_value.h"

struct vs_config
vs_config_default(void)
{
	return (struct vs_config){
	    .listen = "127.0.0.1:8443",
	    .workers = 16,
	    .max_body = 2 << 20,
	    .max_connections = 1024,
	    .max_connections_per_address = 256,
	    .max_in_flight = 256,
	    .idle_timeout_s = 30,
	    .request_timeout_s = 30,
	    .admin_max_body = 2 << 20,
	    .admin_max_connections = 64,
	    .admin_max_connections_per_address = 16,
	    .admin_max_in_flight = 32,
	    .nonce_ttl_s = 300,
	    .log_level = VS_LOG_INFO,
	};
}

static vs_status
default_path(
    struct vs_config *c, const char **out, const char *name, struct vs_err *err)
{
	if (*out == NULL)
		*out = vs_arena_printf(&c->arena, "%s/%s", c->data, name);
	if (*out == NULL)
		return vs_fail(err, VS_NO_MEMORY, "configuration");
	return VS_OK;
}

vs_status
vs_config_default_paths(
    struct vs_config *c, const char *data, struct vs_err *err)
{
	if (data != NULL)
		c->data = vs_arena_cstr(&c->arena, vs_span_cstr(data));
	else if (c->data == NULL)
		c->data = "vouchsafe-data";
	if (c->data == NULL)
		return vs_fail(err, VS_NO_MEMORY, "configuration");
	VS_TRY(
	    err, "data", default_path(c, &c->admin_socket, "admin.sock", err));
	VS_TRY(err, "data", default_path(c, &c->policy_dir, "policies", err));
	VS_TRY(err, "data",
	    default_path(c, &c->collateral_dir, "collateral", err));
	VS_TRY(err, "data", default_path(c, &c->seal.path, "root.seal", err));
	return VS_OK;
}
