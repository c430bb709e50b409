/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_check.c - what one option alone cannot say: options that need or
 * contradict each other. Pure; reads no file and opens no socket.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auth/jwt.h"
#include "auth/jwt_issuer.h"
#include "config_table.h"
#include "net/address.h"
#include "net/balancers.h"
#include "proxy/http_service.h"

#define HASH_MEMORY_BYTES (INT64_C(19) << 20) /* of argon2id, per thread */

struct complaints {
	dg_config_complain_fn complain;
	void *arg;
};

static bool
is_set(const char *text)
{
	return text[0] != '\0';
}

static void
complain(const struct complaints *c, const char *path, const char *text)
{
	c->complain(c->arg, path, text);
}

static bool
is_address(struct dg_str text)
{
	union dg_sockaddr address;
	socklen_t len;

	return dg_address_parse(text, &address, &len) == DG_OK;
}

/* Port 0 is a free one each time. */
static bool
is_same_address(const char *a, const char *b)
{
	return strcmp(a, b) == 0 &&
	       !dg_str_ends_with(dg_str_from_cstr(a), DG_STR(":0"));
}

static void
check_listen(const struct dg_config *config, const struct complaints *c)
{
	if (config->n_listen == 0)
		complain(c, "listen",
			 "at least one address is needed, such as "
			 "[\"0.0.0.0:8443\"]");
	for (size_t i = 0; i < config->n_listen; i++)
		if (!is_address(dg_str_from_cstr(config->listen[i])))
			complain(c, "listen",
				 "an address is a literal and a port, such as "
				 "127.0.0.1:8443 or [::]:8443");
	for (size_t i = 0; i < config->n_listen; i++) {
		for (size_t k = 0; k < i; k++)
			if (is_same_address(config->listen[i],
					    config->listen[k]))
				complain(c, "listen",
					 "an address stands there twice");
		if (is_same_address(config->listen[i], config->admin_listen))
			complain(c, "admin.listen",
				 "is an address of listen: metrics and health "
				 "need one of their own");
	}
	if (is_set(config->admin_listen) &&
	    !is_address(dg_str_from_cstr(config->admin_listen)))
		complain(c, "admin.listen",
			 "an address is a literal and a port, such as "
			 "127.0.0.1:9180");
}

static void
check_admin(const struct dg_config *config, const struct complaints *c)
{
	bool tls = is_set(config->admin_tls_cert);

	if (tls != is_set(config->admin_tls_key))
		complain(c, tls ? "admin.tls.certificate" : "admin.tls.key",
			 "admin.tls.certificate and admin.tls.key come "
			 "together");
	if (!is_set(config->admin_api))
		return;
	if (!is_set(config->admin_listen))
		complain(c, "admin.api.conninfo", "needs admin.listen");
	else if (!tls && !dg_service_is_loopback(
				 dg_str_from_cstr(config->admin_listen)))
		complain(c, "admin.api.conninfo",
			 "needs admin.tls.certificate and admin.tls.key: "
			 "tokens must not go over a network in the clear");
}

static void
check_proxy_protocol(const struct dg_config *config, const struct complaints *c)
{
	struct dg_balancers *balancers = NULL;
	struct dg_error err;

	if (dg_balancers_create(config->proxy_protocol,
				config->n_proxy_protocol, &balancers,
				&err) != DG_OK)
		complain(c, "proxy_protocol.from", err.text);
	dg_balancers_destroy(&balancers);
}

static void
check_tls(const struct dg_config *config, const struct complaints *c)
{
	bool tls = is_set(config->tls_cert);

	if (tls != is_set(config->tls_key))
		complain(c, tls ? "tls.certificate" : "tls.key",
			 "tls.certificate and tls.key come together");
	if (is_set(config->jwt_issuer) && config->jwt_require_tls && !tls)
		complain(c, "auth.jwt.require_tls",
			 "without tls.certificate every token would be "
			 "refused; set tls.*, or switch this off behind a "
			 "proxy that ends TLS");
	if (config->auth_password && config->auth_require_tls && !tls &&
	    !config->auth_trusted_header)
		complain(c, "auth.password.require_tls",
			 "without tls.certificate every password would be "
			 "refused; set tls.*, or switch this off behind a "
			 "proxy that ends TLS");
}

static void
check_claim(const char *text, const char *path, const struct complaints *c)
{
	struct dg_jwt_path claim;

	if (dg_jwt_path_parse(dg_str_from_cstr(text), &claim) != DG_OK)
		complain(c, path,
			 "is neither names with dots between nor a JSON "
			 "pointer");
	dg_jwt_path_fini(&claim);
}

static void
check_jwt_keys(const struct dg_config *config, const struct complaints *c)
{
	struct dg_endpoint endpoint;
	struct dg_str target;
	struct dg_error err;

	if (!is_set(config->jwt_keys_url) && config->n_jwt_keys_files == 0)
		complain(c, "auth.jwt.keys.url",
			 "tokens need keys: set auth.jwt.keys.url or "
			 "auth.jwt.keys.files");
	if (is_set(config->jwt_keys_url) &&
	    dg_jwt_url_parse(dg_str_from_cstr(config->jwt_keys_url), &endpoint,
			     &target, &err) != DG_OK)
		complain(c, "auth.jwt.keys.url", err.text);
	if (config->jwt_keys_stale_ms < 2 * config->jwt_keys_refresh_ms)
		complain(c, "auth.jwt.keys.stale",
			 "must be at least twice auth.jwt.keys.refresh");
	if (config->jwt_keys_retry_ms > config->jwt_keys_refresh_ms)
		complain(c, "auth.jwt.keys.retry",
			 "is more than auth.jwt.keys.refresh");
}

/* What is good for statements alone must not administer. */
static void
check_jwt_admins(const struct dg_config *config, const struct complaints *c)
{
	for (size_t i = 0; i < config->n_jwt_admin_audiences; i++)
		for (size_t j = 0; j < config->n_jwt_audiences; j++)
			if (strcmp(config->jwt_admin_audiences[i],
				   config->jwt_audiences[j]) == 0)
				complain(c, "auth.jwt.admin_audiences",
					 "has one of auth.jwt.audiences: "
					 "tokens for statements would "
					 "administer");
}

static void
check_jwt(const struct dg_config *config, const struct complaints *c)
{
	enum dg_jwt_algorithm algorithm;

	if (!is_set(config->jwt_issuer)) {
		if (is_set(config->jwt_keys_url) ||
		    config->n_jwt_keys_files > 0 ||
		    config->n_jwt_audiences > 0 ||
		    config->n_jwt_admin_audiences > 0)
			complain(c, "auth.jwt.issuer",
				 "is needed: no token is accepted without it");
		return;
	}
	if (config->n_jwt_audiences == 0)
		complain(c, "auth.jwt.audiences",
			 "is needed: a token for another service must not do");
	for (size_t i = 0; i < config->n_jwt_algorithms; i++)
		if (!dg_jwt_algorithm_parse(
			    dg_str_from_cstr(config->jwt_algorithms[i]),
			    &algorithm))
			complain(c, "auth.jwt.algorithms",
				 "are some of RS256 RS384 RS512 PS256 PS384 "
				 "PS512 ES256 ES384 ES512 EdDSA");
	if (!is_set(config->jwt_user_claim))
		complain(c, "auth.jwt.user_claim", "is needed");
	check_claim(config->jwt_user_claim, "auth.jwt.user_claim", c);
	check_claim(config->jwt_groups_claim, "auth.jwt.groups_claim", c);
	check_jwt_keys(config, c);
	check_jwt_admins(config, c);
}

static void
check_auth(const struct dg_config *config, const struct complaints *c)
{
	char text[160];

	if (!config->auth_password && !config->auth_trusted_header &&
	    !is_set(config->jwt_issuer))
		complain(c, "auth.password.enabled",
			 "no way to authenticate is switched on");
	if (config->offload_threads * HASH_MEMORY_BYTES >
	    config->auth_hash_memory) {
		(void)snprintf(text, sizeof(text),
			       "%" PRId64 " threads need %" PRId64
			       " MiB to verify passwords, more than "
			       "auth.hash_memory",
			       config->offload_threads,
			       config->offload_threads * HASH_MEMORY_BYTES >>
				       20);
		complain(c, "offload.threads", text);
	}
	if (config->offload_per_address > config->offload_queue)
		complain(c, "offload.per_address",
			 "is more than offload.queue");
}

/* Scheme, host, maybe a port, and nothing behind. */
static bool
is_base_url(struct dg_str url)
{
	struct dg_str rest;

	if (dg_str_starts_with(url, DG_STR("https://")))
		rest = dg_str_slice(url, 8, url.len);
	else if (dg_str_starts_with(url, DG_STR("http://")))
		rest = dg_str_slice(url, 7, url.len);
	else
		return false;
	if (rest.len == 0)
		return false;
	for (size_t i = 0; i < rest.len; i++) {
		unsigned char ch = (unsigned char)rest.data[i];

		if (ch <= ' ' || ch >= 0x7f || strchr("/?#@\"\\<>", ch) != NULL)
			return false;
	}
	return true;
}

static void
check_references(const struct dg_config *config, const struct complaints *c)
{
	if (!is_set(config->postgres))
		complain(c, "postgres.conninfo", "is needed");
	if (is_set(config->public_url) &&
	    !is_base_url(dg_str_from_cstr(config->public_url)))
		complain(c, "public_url",
			 "must be https://HOST[:PORT] or http://HOST[:PORT], "
			 "nothing behind it");
	if (is_set(config->keys_ring) &&
	    !dg_secret_is_reference(dg_str_from_cstr(config->keys_ring)))
		complain(c, "keys.ring", "must be file:PATH or env:NAME");
	for (size_t i = 0; i < config->n_secret_bindings; i++) {
		struct dg_str rest =
			dg_str_from_cstr(config->secret_bindings[i]);
		struct dg_str reference;

		if (!dg_str_split(&rest, ' ', &reference) ||
		    !dg_secret_is_reference(reference) ||
		    !is_base_url(dg_str_trim(rest)))
			complain(c, "secrets.bindings",
				 "an entry is 'file:PATH https://HOST:PORT' or "
				 "'env:NAME https://HOST:PORT'");
	}
}

/* A file on disk, and the key that it is sealed with. */
static void
check_sealed(const struct complaints *c, const char *file, const char *key,
	     const char *key_path)
{
	if ((file[0] != '\0') != (key[0] != '\0'))
		complain(c, key_path,
			 "is set if and only if the file is that it is for");
	else if (key[0] != '\0' &&
		 !dg_secret_is_reference(dg_str_from_cstr(key)))
		complain(c, key_path, "is file:PATH or env:NAME");
}

static void
check_limits(const struct dg_config *config, const struct complaints *c)
{
	if (config->upstream_idle > config->upstream_connections)
		complain(c, "upstream.idle_connections",
			 "is more than upstream.connections");
	if (config->policy_max_staleness_ms < 3 * config->postgres_poll_ms)
		complain(c, "policy.max_staleness",
			 "must be at least three times postgres.poll");
	if (config->limit_arena < 4 * config->limit_statement)
		complain(c, "limits.request_memory",
			 "must be at least four times limits.statement");
	if (config->limit_memory < config->limit_arena + 8 * config->limit_head)
		complain(c, "limits.memory",
			 "must be at least limits.request_memory and eight "
			 "times limits.head");
}

void
dg_config_cross_check(const struct dg_config *config, dg_config_complain_fn fn,
		      void *arg)
{
	const struct complaints c = {fn, arg};

	check_listen(config, &c);
	check_proxy_protocol(config, &c);
	check_tls(config, &c);
	check_admin(config, &c);
	check_auth(config, &c);
	check_jwt(config, &c);
	check_references(config, &c);
	check_sealed(&c, config->policy_snapshot_file,
		     config->policy_snapshot_key, "policy.snapshot_key");
	check_sealed(&c, config->audit_spool_file, config->audit_spool_key,
		     "audit.spool_key");
	check_limits(config, &c);
}
