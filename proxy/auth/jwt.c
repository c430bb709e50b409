/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt.c - from the bytes of a token to a verdict. See jwt.h.
 *
 * In this order: form, header, key, signature, claims. Nothing of the payload
 * is looked at before the signature held. Of the header only alg, kid, typ and
 * crit are read: jku, jwk, x5u and x5c never lead to a key (RFC 8725, 3.10).
 */
#include "auth/jwt.h"

#include "auth/jwt_claims.h"
#include "auth/jwt_signature.h"
#include "base/base64.h"
#include "base/json.h"

enum {
	HEADER_MAX = 4096, /* decoded */
	TRIES_MAX = 8,     /* keys with which a signature is compared */
};

static const struct {
	const char *name;
	const char *text;
} verdicts[DG_JWT_VERDICTS] = {
	[DG_JWT_OK] = {"ok", ""},
	[DG_JWT_MALFORMED] = {"malformed",
			      "Access Denied: Invalid credentials"},
	[DG_JWT_TYPE] = {"type", "Access Denied: Invalid credentials"},
	[DG_JWT_CRITICAL] = {"critical", "Access Denied: Invalid credentials"},
	[DG_JWT_ALGORITHM] = {"algorithm",
			      "Access Denied: Invalid credentials"},
	[DG_JWT_UNKNOWN_KEY] = {"unknown_key",
				"Access Denied: Invalid credentials"},
	[DG_JWT_STALE_KEYS] = {"stale_keys",
			       "The keys of the tokens' issuer cannot be had, "
			       "try again"},
	[DG_JWT_SIGNATURE] = {"signature",
			      "Access Denied: Invalid credentials"},
	[DG_JWT_ISSUER] = {"issuer", "Access Denied: The token is from "
				     "another issuer"},
	[DG_JWT_EXPIRED] = {"expired", "Access Denied: The token has expired"},
	[DG_JWT_NOT_YET] = {"not_yet",
			    "Access Denied: The token is not valid yet"},
	[DG_JWT_TOO_OLD] = {"too_old",
			    "Access Denied: The token was issued too long "
			    "ago"},
	[DG_JWT_AUDIENCE] = {"audience", "Access Denied: The token is for "
					 "another service"},
	[DG_JWT_NO_USER] = {"no_user", "Access Denied: The token names no "
				       "user"},
	[DG_JWT_GROUPS] = {"groups", "Access Denied: The token does not list "
				     "its groups in a form that can be used"},
	[DG_JWT_LIMIT] = {"limit", "No memory is left to read the token, try "
				   "again"},
};

const char *
dg_jwt_verdict_name(enum dg_jwt_verdict verdict)
{
	return verdicts[verdict].name;
}

const char *
dg_jwt_verdict_text(enum dg_jwt_verdict verdict)
{
	return verdicts[verdict].text;
}

/* ---- form ---------------------------------------------------------------- */

struct parts {
	struct dg_str header;
	struct dg_str payload;
	struct dg_str signature;
};

static bool
is_base64url(struct dg_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '_')
			return false;
	}
	return s.len > 0;
}

/* Three parts, no more; an empty signature is none (RFC 7515, 7.1). */
static bool
split(struct dg_str token, struct parts *parts)
{
	struct dg_str rest = token;

	return token.len <= DG_JWT_TOKEN_MAX &&
	       dg_str_split(&rest, '.', &parts->header) &&
	       dg_str_split(&rest, '.', &parts->payload) &&
	       dg_str_split(&rest, '.', &parts->signature) &&
	       rest.data == NULL && is_base64url(parts->header) &&
	       is_base64url(parts->payload) && is_base64url(parts->signature);
}

/* An object, each of its members there once. NULL: it is none. */
static struct dg_json *
read_object(struct dg_str text, size_t max, struct dg_arena *arena)
{
	struct dg_json *root = NULL;
	char *room = dg_arena_alloc_raw(arena, dg_base64_decoded_max(text.len));
	size_t len;

	if (room == NULL || dg_base64_decode(text, true, room, &len) != DG_OK ||
	    dg_json_parse(dg_str_make(room, len), max, &root, NULL) != DG_OK)
		return NULL;
	if (!dg_json_is_object(root))
		dg_json_destroy(&root);
	return root;
}

/* ---- header -------------------------------------------------------------- */

struct header {
	enum dg_jwt_algorithm algorithm;
	bool has_id;
	struct dg_str id; /* lives as the document */
};

/* RFC 7515, 4.1.9: "application/" may be left out, case does not matter. */
static struct dg_str
type_name(struct dg_str type)
{
	const struct dg_str prefix = DG_STR("application/");

	return dg_str_starts_with_nocase(type, prefix)
		       ? dg_str_slice(type, prefix.len, type.len)
		       : type;
}

/* RFC 8725, 3.11: a logout token or a proof of possession is no sign-in. */
static enum dg_jwt_verdict
judge_type(const struct dg_json *typ, const struct dg_jwt_rules *rules)
{
	struct dg_str type = DG_STR_EMPTY;

	if (typ != NULL && !dg_json_string(typ, &type))
		return DG_JWT_MALFORMED;
	type = type_name(type);
	for (size_t i = 0; i < rules->n_types; i++)
		if (dg_str_eq_nocase(
			    type, type_name(dg_str_from_cstr(rules->types[i]))))
			return DG_JWT_OK;
	if (rules->n_types > 0)
		return DG_JWT_TYPE;
	return typ == NULL || dg_str_eq_nocase(type, DG_STR("JWT")) ||
			       dg_str_eq_nocase(type, DG_STR("at+jwt"))
		       ? DG_JWT_OK
		       : DG_JWT_TYPE;
}

static enum dg_jwt_verdict
read_header(const struct dg_json *root, const struct dg_jwt_rules *rules,
	    struct header *out)
{
	const struct dg_json *kid = dg_json_get(root, "kid");
	struct dg_str alg;
	enum dg_jwt_verdict verdict;

	if (!dg_json_string(dg_json_get(root, "alg"), &alg))
		return DG_JWT_MALFORMED;
	out->has_id = kid != NULL;
	if (out->has_id &&
	    (!dg_json_string(kid, &out->id) || out->id.len > DG_JWT_KEY_ID_MAX))
		return DG_JWT_MALFORMED;
	verdict = judge_type(dg_json_get(root, "typ"), rules);
	if (verdict != DG_JWT_OK)
		return verdict;
	/* RFC 7515, 4.1.11: we understand no extension. */
	if (dg_json_get(root, "crit") != NULL)
		return DG_JWT_CRITICAL;
	if (!dg_jwt_algorithm_parse(alg, &out->algorithm) ||
	    (rules->algorithms & DG_JWT_BIT(out->algorithm)) == 0)
		return DG_JWT_ALGORITHM;
	return DG_JWT_OK;
}

/* ---- key and signature --------------------------------------------------- */

/* What the search for a key has come across. */
struct search {
	const struct dg_jwt_keys *keys;
	const struct header *header;
	struct dg_str text;      /* what was signed */
	struct dg_str signature; /* decoded */
	uint64_t now_ms;
	bool saw_other_algorithm;
	bool saw_stale;
	bool saw_wrong;
	unsigned tries;
};

static bool
holds(struct search *search, const struct dg_jwt_key *key)
{
	if ((key->algorithms & DG_JWT_BIT(search->header->algorithm)) == 0) {
		search->saw_other_algorithm = true;
		return false;
	}
	if (!dg_jwt_key_is_fresh(search->keys, key, search->now_ms)) {
		search->saw_stale = true;
		return false;
	}
	if (search->tries == TRIES_MAX)
		return false;
	search->tries++;
	search->saw_wrong = true;
	return dg_jwt_signature_holds(key, search->header->algorithm,
				      search->text, search->signature);
}

/* Among the keys of this id, or among those without one. */
static const struct dg_jwt_key *
try_keys(struct search *search, bool with_id)
{
	for (size_t i = 0; i < search->keys->n; i++) {
		const struct dg_jwt_key *key = &search->keys->keys[i];
		bool fits =
			with_id ? key->id.len > 0 &&
					  dg_str_eq(key->id, search->header->id)
				: key->id.len == 0;

		/* A token that names no key may be of any. */
		if ((fits || !search->header->has_id) && holds(search, key))
			return key;
	}
	return NULL;
}

static enum dg_jwt_verdict
find_key(struct search *search, const struct dg_jwt_key **key_out)
{
	bool known_id;

	*key_out = try_keys(search, true);
	if (*key_out != NULL)
		return DG_JWT_OK;
	known_id = search->saw_wrong || search->saw_other_algorithm ||
		   search->saw_stale;
	if (!known_id)
		*key_out = try_keys(search, false);
	if (*key_out != NULL)
		return DG_JWT_OK;
	if (search->header->has_id && !known_id)
		return DG_JWT_UNKNOWN_KEY;
	if (search->saw_stale)
		return DG_JWT_STALE_KEYS;
	if (search->saw_wrong)
		return DG_JWT_SIGNATURE;
	return search->saw_other_algorithm ? DG_JWT_ALGORITHM
					   : DG_JWT_UNKNOWN_KEY;
}

static enum dg_jwt_verdict
judge_signature(const struct dg_jwt_keys *keys,
		const struct dg_jwt_rules *rules, const struct parts *parts,
		struct search *search, struct dg_arena *arena,
		const struct dg_jwt_key **key_out)
{
	struct dg_json *root = read_object(parts->header, HEADER_MAX, arena);
	struct header header = {.has_id = false};
	enum dg_jwt_verdict verdict;

	if (root == NULL)
		return DG_JWT_MALFORMED;
	verdict = read_header(root, rules, &header);
	if (verdict == DG_JWT_OK) {
		search->keys = keys;
		search->header = &header;
		verdict = find_key(search, key_out);
		search->header = NULL;
	}
	dg_json_destroy(&root);
	return verdict;
}

/* The signature's bytes, and the text in front of its dot. */
static enum dg_jwt_verdict
read_signature(struct dg_str token, const struct parts *parts,
	       struct dg_arena *arena, struct search *search)
{
	char *room = dg_arena_alloc_raw(
		arena, dg_base64_decoded_max(parts->signature.len));
	size_t len;

	if (room == NULL)
		return DG_JWT_LIMIT;
	if (dg_base64_decode(parts->signature, true, room, &len) != DG_OK)
		return DG_JWT_MALFORMED;
	search->signature = dg_str_make(room, len);
	search->text =
		dg_str_slice(token, 0, token.len - parts->signature.len - 1);
	return DG_JWT_OK;
}

enum dg_jwt_verdict
dg_jwt_check(const struct dg_jwt_keys *keys, const struct dg_jwt_rules *rules,
	     struct dg_str token, int64_t now_s, uint64_t now_mono_ms,
	     struct dg_arena *arena, struct dg_jwt_identity *identity_out)
{
	struct search search = {.now_ms = now_mono_ms};
	const struct dg_jwt_key *key = NULL;
	struct dg_json *claims;
	struct parts parts;
	enum dg_jwt_verdict verdict;

	if (!split(token, &parts))
		return DG_JWT_MALFORMED;
	verdict = read_signature(token, &parts, arena, &search);
	if (verdict == DG_JWT_OK)
		verdict = judge_signature(keys, rules, &parts, &search, arena,
					  &key);
	if (verdict != DG_JWT_OK)
		return verdict;
	claims = read_object(parts.payload, DG_JWT_TOKEN_MAX, arena);
	if (claims == NULL)
		return DG_JWT_MALFORMED;
	verdict =
		dg_jwt_claims_judge(claims, rules, now_s, arena, identity_out);
	dg_json_destroy(&claims);
	if (verdict == DG_JWT_OK)
		identity_out->from_url = key->from_url;
	return verdict;
}
