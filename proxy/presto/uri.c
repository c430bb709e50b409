/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uri.c - see uri.h.
 *
 * Nothing here is sent anywhere: the authority of a coordinator's URI is only
 * compared. Requests go to the address in the policy, whatever a page says.
 */
#include "presto/uri.h"

#include <stdio.h>

/* ---- our own name ------------------------------------------------------ */

static bool
is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
	       c == ':' || c == '[' || c == ']';
}

/*
 * host, host:port, [v6]:port. The text comes back to the client inside URIs,
 * so nothing but these characters may be in it.
 */
static bool
is_authority(struct dg_str s)
{
	if (s.len == 0 || s.len > 300 || s.data[0] == ':')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_host_char(s.data[i]))
			return false;
	}
	return true;
}

static enum dg_rc
find_host(const struct dg_http_head *head, struct dg_str *host_out)
{
	const struct dg_http_header *found = NULL;

	for (size_t i = 0; i < head->n_headers; i++) {
		if (!dg_str_eq_nocase(head->headers[i].name, DG_STR("Host")))
			continue;
		if (found != NULL)
			return DG_ERR_INVALID;
		found = &head->headers[i];
	}
	if (found == NULL || !is_authority(found->value))
		return DG_ERR_INVALID;
	*host_out = found->value;
	return DG_OK;
}

enum dg_rc
dg_uri_base(const char *public_url, const struct dg_http_head *head,
	    bool is_tls, struct dg_arena *arena, struct dg_str *base_out)
{
	struct dg_str base = dg_str_from_cstr(public_url);
	struct dg_str host;

	if (base.len > 0) {
		while (base.len > 0 && base.data[base.len - 1] == '/')
			base.len--;
		*base_out = base;
		return DG_OK;
	}
	if (find_host(head, &host) != DG_OK)
		return DG_ERR_INVALID;
	*base_out =
		dg_arena_printf(arena, "%s://%.*s", is_tls ? "https" : "http",
				DG_STR_ARG(host));
	return base_out->data == NULL ? DG_ERR_LIMIT : DG_OK;
}

/* ---- coordinators' URIs ------------------------------------------------ */

/* Cuts "http://authority" off; *rest begins with '/'. */
static bool
split_uri(struct dg_str uri, bool *tls_out, struct dg_str *authority_out,
	  struct dg_str *rest_out)
{
	struct dg_str rest;
	size_t slash;

	if (dg_str_starts_with_nocase(uri, DG_STR("http://"))) {
		*tls_out = false;
		rest = dg_str_slice(uri, 7, uri.len);
	} else if (dg_str_starts_with_nocase(uri, DG_STR("https://"))) {
		*tls_out = true;
		rest = dg_str_slice(uri, 8, uri.len);
	} else {
		return false;
	}
	slash = dg_str_find(rest, '/', 0);
	if (slash >= rest.len)
		return false;
	*authority_out = dg_str_slice(rest, 0, slash);
	*rest_out = dg_str_slice(rest, slash, rest.len);
	return true;
}

static bool
is_same_authority(const struct dg_endpoint *endpoint, bool tls,
		  struct dg_str authority)
{
	bool brackets =
		dg_str_find(endpoint->host, ':', 0) < endpoint->host.len &&
		endpoint->host.data[0] != '[';
	char with_port[320];
	unsigned usual = tls ? 443 : 80;
	int n;

	n = snprintf(with_port, sizeof(with_port), "%s%.*s%s:%u",
		     brackets ? "[" : "", DG_STR_ARG(endpoint->host),
		     brackets ? "]" : "", endpoint->port);
	if (n < 0 || (size_t)n >= sizeof(with_port))
		return false;
	if (dg_str_eq_nocase(authority, dg_str_make(with_port, (size_t)n)))
		return true;
	return endpoint->port == usual &&
	       dg_str_eq_nocase(authority, endpoint->host);
}

/* Printable, no fragment, no dot segments, nothing a parser may fold. */
static bool
is_clean_path(struct dg_str path)
{
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.data[i];

		if (c <= ' ' || c >= 0x7f || strchr("#\\\"<>", c) != NULL)
			return false;
		if (c == '.' && i > 0 && path.data[i - 1] == '/')
			return false;
	}
	return true;
}

struct place {
	struct dg_str prefix;
	enum dg_uri_kind kind;
	enum dg_seal_phase phase;
};

/* The longer prefix stands first. */
static const struct place places[] = {
	{DG_STR_INIT("/v1/statement/executing/partialCancel/"),
	 DG_URI_PARTIAL_CANCEL, DG_SEAL_PARTIAL},
	{DG_STR_INIT("/v1/statement/partialCancel/"), DG_URI_PARTIAL_CANCEL,
	 DG_SEAL_PARTIAL},
	{DG_STR_INIT("/v1/stage/"), DG_URI_PARTIAL_CANCEL, DG_SEAL_PARTIAL},
	{DG_STR_INIT("/v1/statement/queued/"), DG_URI_NEXT, DG_SEAL_QUEUED},
	{DG_STR_INIT("/v1/statement/executing/"), DG_URI_NEXT,
	 DG_SEAL_EXECUTING},
};

enum dg_rc
dg_uri_from_engine(const struct dg_endpoint *endpoint, enum dg_uri_kind kind,
		   struct dg_str uri, struct dg_str *path_out,
		   enum dg_seal_phase *phase_out)
{
	struct dg_str authority;
	struct dg_str path;
	bool tls;

	if (!split_uri(uri, &tls, &authority, &path) || !is_clean_path(path))
		return DG_ERR_INVALID;
	if (kind == DG_URI_NEXT && !is_same_authority(endpoint, tls, authority))
		return DG_ERR_INVALID;
	for (size_t i = 0; i < DG_ARRAY_LEN(places); i++) {
		if (!dg_str_starts_with(path, places[i].prefix))
			continue;
		if (places[i].kind != kind)
			return DG_ERR_INVALID;
		*path_out = path;
		*phase_out = places[i].phase;
		return DG_OK;
	}
	return DG_ERR_INVALID;
}
