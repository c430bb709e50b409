/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity.c - who a coordinator shall believe that we speak for.
 *
 * Clients' credentials never go upstream. A service password is read by
 * reference, and only if the local configuration binds that reference to the
 * cluster's very address: whoever can write the policy cannot have a secret
 * sent elsewhere. Each thread keeps what it read for a short time.
 */
#include <stdio.h>

#include "base/assert.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/mem.h"
#include "proxy/config.h"
#include "route/route.h"

enum {
	SECRET_MAX = 1024,
	SECRET_TTL_MS = 10000, /* how soon a replaced file is noticed */
	SECRET_SLOTS = 64,
};

struct slot {
	struct dg_str reference; /* owned */
	struct dg_str secret;    /* owned, wiped */
	uint64_t read_ms;
};

struct secrets {
	char *const *bindings; /* borrowed */
	size_t n_bindings;
	struct slot slots[SECRET_SLOTS];
	size_t next; /* to be replaced */
};

static _Thread_local struct secrets *secrets; /* owned by its thread */

void
dg_route_secrets_open(char *const *bindings, size_t n_bindings)
{
	DG_ASSERT(secrets == NULL);
	secrets = DG_NEW(struct secrets);
	secrets->bindings = bindings;
	secrets->n_bindings = n_bindings;
}

static void
clear_slot(struct slot *slot)
{
	dg_str_free(&slot->reference);
	dg_secret_free(&slot->secret);
}

void
dg_route_secrets_close(void)
{
	if (secrets == NULL)
		return;
	for (size_t i = 0; i < SECRET_SLOTS; i++)
		clear_slot(&secrets->slots[i]);
	dg_free(secrets);
	secrets = NULL;
}

/* A binding is "REFERENCE https://HOST:PORT". */
static bool
is_bound(const struct dg_store_cluster *cluster)
{
	for (size_t i = 0; secrets != NULL && i < secrets->n_bindings; i++) {
		struct dg_str rest = dg_str_from_cstr(secrets->bindings[i]);
		struct dg_str reference;
		char url[320];
		int n;

		if (!dg_str_split(&rest, ' ', &reference) ||
		    !dg_str_eq(reference, cluster->service_secret))
			continue;
		n = snprintf(url, sizeof(url), "https://%.*s:%u",
			     DG_STR_ARG(cluster->host),
			     (unsigned)cluster->port);
		if (n > 0 && (size_t)n < sizeof(url) &&
		    dg_str_eq_nocase(dg_str_trim(rest), dg_str_from_cstr(url)))
			return true;
	}
	return false;
}

static struct slot *
find_slot(struct dg_str reference)
{
	for (size_t i = 0; i < SECRET_SLOTS; i++)
		if (secrets->slots[i].secret.data != NULL &&
		    dg_str_eq(secrets->slots[i].reference, reference))
			return &secrets->slots[i];
	return NULL;
}

static enum dg_rc
read_secret(const struct dg_store_cluster *cluster, struct dg_str *secret_out,
	    struct dg_error *err)
{
	struct slot *slot;
	struct dg_str fresh;
	enum dg_rc rc;

	if (!cluster->tls)
		return dg_error_set(err, DG_ERR_DENIED,
				    "its password is not sent without TLS");
	if (!is_bound(cluster))
		return dg_error_set(err, DG_ERR_DENIED,
				    "secrets.bindings of the configuration "
				    "does not allow its secret for its "
				    "address");
	slot = find_slot(cluster->service_secret);
	if (slot != NULL &&
	    dg_clock_mono_ms() < slot->read_ms + SECRET_TTL_MS) {
		*secret_out = slot->secret;
		return DG_OK;
	}
	rc = dg_secret_read(cluster->service_secret, SECRET_MAX, &fresh, err);
	if (rc != DG_OK)
		return rc;
	if (slot == NULL)
		slot = &secrets->slots[secrets->next++ % SECRET_SLOTS];
	clear_slot(slot);
	slot->reference = dg_str_dup(cluster->service_secret);
	slot->secret = fresh;
	slot->read_ms = dg_clock_mono_ms();
	*secret_out = fresh;
	return DG_OK;
}

/* "Basic base64(user:password)" in the arena. */
static enum dg_rc
write_basic(struct dg_str user, struct dg_str password, struct dg_arena *arena,
	    struct dg_str *value_out)
{
	const struct dg_str scheme = DG_STR("Basic ");
	struct dg_str pair = dg_arena_printf(
		arena, "%.*s:%.*s", DG_STR_ARG(user), DG_STR_ARG(password));
	size_t len;
	char *out;

	if (pair.data == NULL)
		return DG_ERR_LIMIT;
	len = scheme.len + dg_base64_encoded_len(pair.len, false);
	out = dg_arena_alloc(arena, len);
	if (out == NULL)
		return DG_ERR_LIMIT;
	memcpy(out, scheme.data, scheme.len);
	*value_out = dg_str_make(
		out,
		scheme.len + dg_base64_encode(pair, false, out + scheme.len));
	return DG_OK;
}

/* What could end a header line or start another value is not a name. */
static bool
is_header_text(struct dg_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] < ' ' || s.data[i] > '~')
			return false;
	return s.len > 0;
}

static enum dg_rc
write_headers(const struct dg_store_cluster *cluster, struct dg_str user,
	      struct dg_arena *arena, struct dg_http_header *out, size_t max,
	      size_t *n, struct dg_error *err)
{
	struct dg_str secret;
	enum dg_rc rc;

	if (!is_header_text(user))
		return dg_error_set(err, DG_ERR_UNSUPPORTED,
				    "the user's name cannot be sent to it: "
				    "only printable ASCII can");
	if (*n + 2 > max)
		return dg_error_set(err, DG_ERR_LIMIT, "too many headers");
	out[(*n)++] = (struct dg_http_header){cluster->engine == DG_STORE_TRINO
						      ? DG_STR("X-Trino-User")
						      : DG_STR("X-Presto-User"),
					      user};
	if (cluster->identity == DG_STORE_ID_HEADER)
		return DG_OK;
	rc = read_secret(cluster, &secret, err);
	if (rc != DG_OK)
		return rc;
	rc = write_basic(cluster->service_user, secret, arena, &out[*n].value);
	if (rc != DG_OK)
		return dg_error_set(err, rc, "its credentials are too long");
	out[(*n)++].name = DG_STR("Authorization");
	return DG_OK;
}

enum dg_rc
dg_route_identity(const struct dg_store_cluster *cluster, struct dg_str user,
		  struct dg_arena *arena, struct dg_http_header *out,
		  size_t max, size_t *n, struct dg_error *err)
{
	size_t before = *n;
	enum dg_rc rc = write_headers(cluster, user, arena, out, max, n, err);

	if (rc == DG_OK)
		return DG_OK;
	*n = before;
	(void)dg_error_wrap(err, "cluster '%.*s'", DG_STR_ARG(cluster->name));
	return rc;
}
