/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_issuer.c - see jwt_issuer.h. One question at a time; redirects are not
 * followed and replies are bounded by the client that asks.
 */
#include "auth/jwt_issuer.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "net/address.h"
#include "proxy/config.h"

enum {
	ISSUER_MAGIC = 0x4a574973,
	FILE_MAX_BYTES = 64 * 1024,
	FETCH_METRIC_OK = 0,
	FETCH_METRIC_FAILED = 1,
};

struct dg_jwt_issuer {
	uint32_t magic;
	struct dg_loop *loop;         /* borrowed */
	struct dg_upstream *upstream; /* borrowed */
	struct dg_jwt_issuer_config config;
	struct dg_endpoint endpoint;
	struct dg_str target;
	struct dg_jwt_keys *files; /* ref; what the files hold */
	struct dg_jwt_keys *keys;  /* ref; what was published last */
	struct dg_fetch *fetch;    /* NULL: no question is open */
	struct dg_timer timer;     /* to the next one */
	uint64_t asked_ms;         /* the last one; 0: none */
	uint64_t body_hash;        /* of the last document that was taken */
	unsigned failures;         /* in a row */
};

static void ask(struct dg_jwt_issuer *issuer);

/* ---- what is written ----------------------------------------------------- */

/* Between brackets, or up to the colon. */
static bool
split_authority(struct dg_str authority, struct dg_str *host_out,
		struct dg_str *port_out)
{
	size_t end = dg_str_find(authority, ']', 0);
	size_t colon;

	if (authority.len > 0 && authority.data[0] == '[') {
		if (end == authority.len)
			return false;
		*host_out = dg_str_slice(authority, 1, end);
		colon = end + 1;
		if (colon < authority.len && authority.data[colon] != ':')
			return false;
	} else {
		colon = dg_str_find(authority, ':', 0);
		*host_out = dg_str_slice(authority, 0, colon);
	}
	*port_out = dg_str_slice(authority, colon + 1, authority.len);
	return host_out->len > 0 &&
	       (port_out->len > 0 || colon >= authority.len);
}

static bool
is_url_text(struct dg_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] <= ' ' || text.data[i] >= 0x7f ||
		    text.data[i] == '#' || text.data[i] == '@')
			return false;
	return true;
}

enum dg_rc
dg_jwt_url_parse(struct dg_str text, struct dg_endpoint *endpoint_out,
		 struct dg_str *target_out, struct dg_error *err)
{
	const struct dg_str https = DG_STR("https://");
	const struct dg_str http = DG_STR("http://");
	bool tls = dg_str_starts_with(text, https);
	size_t start = tls ? https.len : http.len;
	size_t slash = dg_str_find(text, '/', start);
	uint64_t port = tls ? 443 : 80;
	struct dg_str host;
	struct dg_str number;

	if ((!tls && !dg_str_starts_with(text, http)) || !is_url_text(text) ||
	    slash == text.len ||
	    !split_authority(dg_str_slice(text, start, slash), &host,
			     &number) ||
	    (number.len > 0 && (dg_str_to_u64(number, &port) != DG_OK ||
				port == 0 || port > UINT16_MAX)))
		return dg_error_set(err, DG_ERR_INVALID,
				    "must be https://HOST[:PORT]/PATH");
	if (!tls && !dg_host_is_this_machine(host))
		return dg_error_set(err, DG_ERR_INVALID,
				    "keys that come without TLS could be "
				    "anybody's: must be https://");
	*endpoint_out = (struct dg_endpoint){
		.host = host, .port = (uint16_t)port, .tls = tls};
	*target_out = dg_str_slice(text, slash, text.len);
	return DG_OK;
}

void
dg_jwt_file_parse(struct dg_str text, struct dg_str *id_out,
		  struct dg_str *path_out)
{
	size_t space = dg_str_find(text, ' ', 0);

	*id_out = DG_STR_EMPTY;
	*path_out = text;
	if (space == text.len)
		return;
	*id_out = dg_str_slice(text, 0, space);
	*path_out = dg_str_trim(dg_str_slice(text, space, text.len));
}

/* ---- publishing ---------------------------------------------------------- */

static void
publish(struct dg_jwt_issuer *issuer)
{
	struct dg_jwt_keys *keys = dg_jwt_keys_ref(issuer->keys);

	dg_metric_set(DG_METRIC_AUTH_KEYS, (int64_t)keys->n);
	issuer->config.on_keys(issuer->config.arg, keys);
	dg_jwt_keys_unref(&keys);
}

static void
replace(struct dg_jwt_issuer *issuer, struct dg_jwt_keys *keys)
{
	keys->next_ms = issuer->asked_ms + issuer->config.retry_ms;
	dg_jwt_keys_unref(&issuer->keys);
	issuer->keys = keys;
}

/* ---- asking -------------------------------------------------------------- */

static void
on_timer(void *arg)
{
	struct dg_jwt_issuer *issuer = arg;

	DG_CHECK_MAGIC(issuer, ISSUER_MAGIC);
	if (issuer->fetch == NULL)
		ask(issuer);
}

/* After failures sooner than usual, and less and less so. */
static void
plan(struct dg_jwt_issuer *issuer)
{
	uint64_t delay_ms = issuer->config.refresh_ms;
	uint64_t retry_ms = issuer->config.retry_ms;

	if (issuer->failures > 0) {
		for (unsigned i = 1;
		     i < issuer->failures && retry_ms < delay_ms; i++)
			retry_ms *= 2;
		if (retry_ms < delay_ms)
			delay_ms = retry_ms;
	}
	dg_timer_start(&issuer->timer, issuer->loop, delay_ms, on_timer,
		       issuer);
}

/* The same keys, with the news that it is too early for newer ones. */
static void
keep_keys(struct dg_jwt_issuer *issuer)
{
	struct dg_jwt_keys *same = dg_jwt_keys_create();

	dg_jwt_keys_copy(same, issuer->keys);
	same->generation = issuer->keys->generation;
	same->heard_ms = issuer->keys->heard_ms;
	same->stale_ms = issuer->keys->stale_ms;
	replace(issuer, same);
}

static void
fail(struct dg_jwt_issuer *issuer, const char *why)
{
	keep_keys(issuer);
	dg_metric_add_label(DG_METRIC_AUTH_KEYS_FETCH, FETCH_METRIC_FAILED, 1);
	issuer->failures++;
	dg_log_warn(NULL, "auth.keys_failed",
		    DG_FIELDS(DG_LOG_CSTR("why", why),
			      DG_LOG_INT("failures", issuer->failures),
			      DG_LOG_INT("age_s", dg_jwt_issuer_age_s(issuer))),
		    "the keys of the tokens' issuer cannot be had; those that "
		    "are known are used until they are too old");
}

static void
take_body(struct dg_jwt_issuer *issuer, struct dg_str body)
{
	struct dg_jwt_keys *fresh = dg_jwt_keys_create();
	uint64_t hash = dg_hash(body.data, body.len);
	bool same = issuer->keys->heard_ms != 0 && hash == issuer->body_hash;
	size_t skipped = 0;
	struct dg_error err;
	enum dg_rc rc;

	dg_jwt_keys_copy(fresh, issuer->files);
	rc = dg_jwt_keys_add_jwks(fresh, body, &skipped, &err);
	if (rc != DG_OK) {
		dg_jwt_keys_unref(&fresh);
		fail(issuer, err.text);
		return;
	}
	fresh->generation = issuer->keys->generation + (same ? 0 : 1);
	fresh->heard_ms = dg_clock_mono_ms();
	fresh->stale_ms = issuer->config.stale_ms;
	issuer->body_hash = hash;
	issuer->failures = 0;
	dg_metric_add_label(DG_METRIC_AUTH_KEYS_FETCH, FETCH_METRIC_OK, 1);
	if (fresh->n == issuer->files->n)
		dg_log_warn(NULL, "auth.keys_none",
			    DG_FIELDS(DG_LOG_INT("skipped", skipped)),
			    "the tokens' issuer publishes no key that can be "
			    "used");
	if (!same)
		dg_log_info(NULL, "auth.keys",
			    DG_FIELDS(DG_LOG_INT("keys", fresh->n),
				      DG_LOG_INT("skipped", skipped)),
			    "the tokens' issuer has published other keys");
	replace(issuer, fresh);
}

static void
on_answer(void *arg, enum dg_rc rc, unsigned status, struct dg_str body,
	  const char *why)
{
	struct dg_jwt_issuer *issuer = arg;
	char text[64];

	DG_CHECK_MAGIC(issuer, ISSUER_MAGIC);
	issuer->fetch = NULL;
	if (rc != DG_OK) {
		fail(issuer, why);
	} else if (status != 200) {
		(void)snprintf(text, sizeof(text), "it answers %u", status);
		fail(issuer, text);
	} else {
		take_body(issuer, body);
	}
	plan(issuer);
	publish(issuer);
}

static void
ask(struct dg_jwt_issuer *issuer)
{
	static const struct dg_http_header headers[] = {
		{DG_STR_INIT("Accept"),
		 DG_STR_INIT("application/json, application/jwk-set+json")},
		{DG_STR_INIT("User-Agent"), DG_STR_INIT("datagateway")},
	};
	const struct dg_upstream_request request = {
		.endpoint = issuer->endpoint,
		.method = "GET",
		.target = issuer->target,
		.headers = headers,
		.n_headers = DG_ARRAY_LEN(headers),
		.head_timeout_ms = issuer->config.timeout_ms,
		.body_timeout_ms = issuer->config.timeout_ms,
		.repeatable = true,
	};

	dg_timer_cancel(&issuer->timer);
	issuer->asked_ms = dg_clock_mono_ms();
	issuer->fetch = dg_upstream_fetch(issuer->upstream, &request,
					  DG_JWT_JWKS_MAX, on_answer, issuer);
}

void
dg_jwt_issuer_wish(struct dg_jwt_issuer *issuer)
{
	DG_CHECK_MAGIC(issuer, ISSUER_MAGIC);
	/* An answer that is on its way will be published. */
	if (issuer->fetch == NULL && issuer->config.url.len > 0 &&
	    dg_clock_mono_ms() >= issuer->keys->next_ms)
		ask(issuer);
}

/* ---- life ---------------------------------------------------------------- */

static enum dg_rc
read_file(struct dg_str path, struct dg_str *text_out, struct dg_error *err)
{
	char reference[4096 + 8];
	int n = snprintf(reference, sizeof(reference), "file:%.*s",
			 DG_STR_ARG(path));

	if (n < 0 || (size_t)n >= sizeof(reference))
		return dg_error_set(err, DG_ERR_INVALID, "the path is long");
	return dg_secret_read(dg_str_from_cstr(reference), FILE_MAX_BYTES,
			      text_out, err);
}

static enum dg_rc
read_files(const struct dg_jwt_issuer_config *config, struct dg_jwt_keys *keys,
	   struct dg_error *err)
{
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; rc == DG_OK && i < config->n_files; i++) {
		struct dg_str text;
		struct dg_str path;
		struct dg_str id;

		dg_jwt_file_parse(dg_str_from_cstr(config->files[i]), &id,
				  &path);
		rc = read_file(path, &text, err);
		if (rc == DG_OK) {
			rc = dg_jwt_keys_add_pem(keys, id, text, err);
			dg_secret_free(&text);
		}
		if (rc != DG_OK)
			(void)dg_error_wrap(err, "%.*s", DG_STR_ARG(path));
	}
	return rc;
}

enum dg_rc
dg_jwt_issuer_create(struct dg_loop *loop, struct dg_upstream *upstream,
		     const struct dg_jwt_issuer_config *config,
		     struct dg_jwt_issuer **issuer_out, struct dg_error *err)
{
	struct dg_jwt_issuer *issuer = DG_NEW(struct dg_jwt_issuer);
	enum dg_rc rc;

	issuer->magic = ISSUER_MAGIC;
	issuer->loop = loop;
	issuer->upstream = upstream;
	issuer->config = *config;
	issuer->files = dg_jwt_keys_create();
	issuer->keys = dg_jwt_keys_create();
	rc = read_files(config, issuer->files, err);
	if (rc == DG_OK && config->url.len > 0)
		rc = dg_jwt_url_parse(config->url, &issuer->endpoint,
				      &issuer->target, err);
	if (rc != DG_OK) {
		dg_jwt_issuer_destroy(&issuer);
		return rc;
	}
	issuer->endpoint.ca_file = config->ca_file;
	dg_jwt_keys_copy(issuer->keys, issuer->files);
	issuer->keys->generation = 1;
	*issuer_out = issuer;
	publish(issuer);
	if (config->url.len > 0)
		ask(issuer);
	return DG_OK;
}

void
dg_jwt_issuer_destroy(struct dg_jwt_issuer **issuer)
{
	struct dg_jwt_issuer *i = *issuer;

	*issuer = NULL;
	if (i == NULL)
		return;
	DG_CHECK_MAGIC(i, ISSUER_MAGIC);
	dg_upstream_fetch_cancel(&i->fetch);
	dg_timer_fini(&i->timer);
	dg_jwt_keys_unref(&i->files);
	dg_jwt_keys_unref(&i->keys);
	i->magic = 0;
	dg_free(i);
}

struct dg_jwt_keys *
dg_jwt_issuer_keys(struct dg_jwt_issuer *issuer)
{
	return issuer->keys;
}

int64_t
dg_jwt_issuer_age_s(const struct dg_jwt_issuer *issuer)
{
	uint64_t heard_ms = issuer->keys->heard_ms;

	if (heard_ms == 0)
		return -1;
	return (int64_t)((dg_clock_mono_ms() - heard_ms) / 1000);
}
