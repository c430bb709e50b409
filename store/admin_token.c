/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_token.c - tokens of the admin API, and the replies that are kept.
 *
 * A token is "dga_ID_SECRET". ID finds its row, the secret is compared with
 * the hash there in constant time; it is 256 random bits, so a fast hash will
 * do. What is wrong with a token is nobody's business: the answer is DENIED.
 */
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/base64.h"
#include "base/mem.h"
#include "store/admin.h"

enum { SECRET_BYTES = 32, HASH_BYTES = 32, SECRET_CHARS = 43 };

static pthread_once_t sodium_once = PTHREAD_ONCE_INIT;

static void
start_sodium(void)
{
	DG_ASSERT(sodium_init() >= 0);
}

static void
hash_secret(const unsigned char secret[SECRET_BYTES],
	    unsigned char hash_out[HASH_BYTES])
{
	static const unsigned char purpose[16] = "dg admin token";

	pthread_once(&sodium_once, start_sodium);
	(void)crypto_generichash(hash_out, HASH_BYTES, secret, SECRET_BYTES,
				 purpose, sizeof(purpose));
}

/* ---- checking ------------------------------------------------------------ */

static bool
split_token(struct dg_str text, struct dg_str *id_out,
	    unsigned char secret_out[SECRET_BYTES])
{
	char bytes[SECRET_CHARS + 4];
	struct dg_str rest = dg_str_slice(text, 4, text.len);
	uint64_t id;
	size_t len;

	if (!dg_str_starts_with(text, DG_STR(DG_STORE_TOKEN_PREFIX)) ||
	    !dg_str_split(&rest, '_', id_out) || rest.len != SECRET_CHARS ||
	    id_out->len > 18 || dg_str_to_u64(*id_out, &id) != DG_OK ||
	    dg_base64_decode(rest, true, bytes, &len) != DG_OK ||
	    len != SECRET_BYTES)
		return false;
	memcpy(secret_out, bytes, SECRET_BYTES);
	dg_wipe(bytes, sizeof(bytes));
	return true;
}

struct checking {
	unsigned char hash[HASH_BYTES];
	struct dg_arena *arena;
	struct dg_store_token *token;
	enum dg_rc rc;
};

static bool
hash_is(const struct checking *c, struct dg_str hex)
{
	unsigned char stored[HASH_BYTES];
	size_t len;

	return sodium_hex2bin(stored, sizeof(stored), hex.data, hex.len, NULL,
			      &len, NULL) == 0 &&
	       len == HASH_BYTES &&
	       sodium_memcmp(stored, c->hash, HASH_BYTES) == 0;
}

static enum dg_store_admin_role
role_of(struct dg_str name)
{
	if (dg_str_eq(name, DG_STR("admin")))
		return DG_STORE_ADMIN;
	if (dg_str_eq(name, DG_STR("steward")))
		return DG_STORE_STEWARD;
	return DG_STORE_AUDITOR;
}

static enum dg_rc
copy_scopes(struct checking *c, struct dg_str list)
{
	size_t n = 1;
	struct dg_str *scopes;
	struct dg_str part;

	for (size_t i = 0; i < list.len; i++)
		n += list.data[i] == ' ';
	scopes = DG_ARENA_ARRAY(c->arena, struct dg_str, n);
	list = dg_arena_str(c->arena, list);
	if (scopes == NULL || list.data == NULL)
		return DG_ERR_LIMIT;
	c->token->scopes = scopes;
	c->token->n_scopes = 0;
	while (dg_str_split(&list, ' ', &part))
		if (part.len > 0)
			scopes[c->token->n_scopes++] = part;
	return DG_OK;
}

static void
on_token(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	 const struct dg_error *err DG_UNUSED)
{
	struct checking *c = arg;
	struct dg_store_token *t = c->token;

	if (rc != DG_OK || dg_pg_rows(result) != 1 ||
	    !hash_is(c, dg_pg_get(result, 0, 1)) ||
	    !dg_str_eq(dg_pg_get(result, 0, 6), DG_STR("t")))
		return;
	t->name = dg_arena_str(c->arena, dg_pg_get(result, 0, 2));
	t->subject = dg_arena_str(c->arena, dg_pg_get(result, 0, 3));
	t->role = role_of(dg_pg_get(result, 0, 4));
	if (t->name.data != NULL && t->subject.data != NULL &&
	    dg_str_to_i64(dg_pg_get(result, 0, 0), &t->id) == DG_OK &&
	    copy_scopes(c, dg_pg_get(result, 0, 5)) == DG_OK)
		c->rc = DG_OK;
}

/* At most once a minute, or reading would be writing. */
static void
note_use(struct dg_pg *pg, struct dg_loop *loop, struct dg_str id)
{
	struct dg_error err;

	if (dg_pg_query_wait(pg, loop,
			     "UPDATE datagateway.admin_tokens "
			     "SET last_used_at = now() WHERE id = $1::bigint "
			     "AND (last_used_at IS NULL OR "
			     "last_used_at < now() - interval '1 minute')",
			     &id, 1, NULL, NULL, &err) != DG_OK)
		return; /* it shows late; nothing depends on it */
}

enum dg_rc
dg_store_token_check(struct dg_pg *pg, struct dg_loop *loop, struct dg_str text,
		     struct dg_arena *arena, struct dg_store_token *token_out,
		     struct dg_error *err)
{
	struct checking c = {
		.arena = arena, .token = token_out, .rc = DG_ERR_DENIED};
	unsigned char secret[SECRET_BYTES];
	struct dg_str id;
	enum dg_rc rc;

	if (!split_token(text, &id, secret))
		return dg_error_set(err, DG_ERR_DENIED, "the token is wrong");
	hash_secret(secret, c.hash);
	dg_wipe(secret, sizeof(secret));
	rc = dg_pg_query_wait(
		pg, loop,
		"SELECT id, encode(hash, 'hex'), name, subject, role, "
		"array_to_string(scopes, ' '), "
		"revoked_at IS NULL AND expires_at > now() "
		"FROM datagateway.admin_tokens WHERE id = $1::bigint",
		&id, 1, on_token, &c, err);
	if (rc == DG_OK && c.rc != DG_OK)
		rc = dg_error_set(err, DG_ERR_DENIED, "the token is wrong");
	if (rc == DG_OK)
		note_use(pg, loop, id);
	return rc;
}

/* ---- making and revoking ------------------------------------------------- */

struct created {
	int64_t id;
	enum dg_rc rc;
};

static void
on_created(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	   const struct dg_error *err DG_UNUSED)
{
	struct created *c = arg;

	if (rc != DG_OK || dg_pg_rows(result) != 1)
		return;
	c->rc = dg_str_to_i64(dg_pg_get(result, 0, 0), &c->id);
}

static enum dg_rc
insert_token(struct dg_pg *pg, struct dg_loop *loop,
	     const struct dg_store_new_token *token, struct dg_str hash_hex,
	     struct created *created, struct dg_error *err)
{
	char seconds[24];
	struct dg_json_writer w;
	struct dg_buf scopes;
	struct dg_str params[7];
	enum dg_rc rc;

	dg_buf_init(&scopes, 1 << 16);
	dg_json_begin(&w, &scopes);
	dg_json_array_open(&w);
	for (size_t i = 0; i < token->n_scopes; i++)
		dg_json_put_str(&w, token->scopes[i]);
	dg_json_array_close(&w);
	rc = dg_json_finish(&w);
	(void)snprintf(seconds, sizeof(seconds), "%lld",
		       (long long)token->lifetime_s);
	params[0] = token->name;
	params[1] = token->subject;
	params[2] = token->role;
	params[3] = dg_buf_peek(&scopes);
	params[4] = hash_hex;
	params[5] = dg_str_from_cstr(seconds);
	params[6] = token->actor;
	if (rc == DG_OK)
		rc = dg_pg_query_wait(
			pg, loop,
			"SELECT id FROM "
			"datagateway.create_token($1, $2, $3, ARRAY(SELECT "
			"jsonb_array_elements_text($4::jsonb)), "
			"decode($5, 'hex'), $6::bigint, $7) t",
			params, DG_ARRAY_LEN(params), on_created, created, err);
	dg_buf_fini(&scopes);
	return rc == DG_OK ? created->rc : rc;
}

enum dg_rc
dg_store_token_create(struct dg_pg *pg, struct dg_loop *loop,
		      const struct dg_store_new_token *token,
		      char text_out[DG_STORE_TOKEN_MAX], int64_t *id_out,
		      struct dg_error *err)
{
	struct created created = {.rc = DG_ERR_INTERNAL};
	unsigned char secret[SECRET_BYTES];
	unsigned char hash[HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];
	char encoded[SECRET_CHARS + 1] = "";
	enum dg_rc rc;

	pthread_once(&sodium_once, start_sodium);
	randombytes_buf(secret, sizeof(secret));
	hash_secret(secret, hash);
	(void)sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	(void)dg_base64_encode(
		dg_str_make((const char *)secret, sizeof(secret)), true,
		encoded);
	rc = insert_token(pg, loop, token, dg_str_from_cstr(hex), &created,
			  err);
	if (rc == DG_OK)
		(void)snprintf(text_out, DG_STORE_TOKEN_MAX,
			       DG_STORE_TOKEN_PREFIX "%lld_%s",
			       (long long)created.id, encoded);
	*id_out = created.id;
	dg_wipe(secret, sizeof(secret));
	dg_wipe(encoded, sizeof(encoded));
	return rc;
}

struct answer {
	struct dg_str *values; /* in the arena */
	struct dg_arena *arena;
	size_t n;
	bool is_there;
};

static void
on_answer(void *arg, enum dg_rc rc, const struct dg_pg_result *result,
	  const struct dg_error *err DG_UNUSED)
{
	struct answer *a = arg;

	if (rc != DG_OK || dg_pg_rows(result) != 1)
		return;
	a->is_there = true;
	for (size_t i = 0; i < a->n; i++) {
		a->values[i] =
			dg_arena_str(a->arena, dg_pg_get(result, 0, (size_t)i));
		a->is_there = a->is_there && a->values[i].data != NULL;
	}
}

enum dg_rc
dg_store_token_revoke(struct dg_pg *pg, struct dg_loop *loop, int64_t id,
		      struct dg_str actor, struct dg_error *err)
{
	struct dg_arena *arena = dg_arena_create(1 << 16);
	struct dg_str done = DG_STR_EMPTY;
	struct answer answer = {.values = &done, .arena = arena, .n = 1};
	char number[24];
	struct dg_str params[2];
	enum dg_rc rc;

	(void)snprintf(number, sizeof(number), "%lld", (long long)id);
	params[0] = dg_str_from_cstr(number);
	params[1] = actor;
	rc = dg_pg_query_wait(pg, loop,
			      "SELECT datagateway.revoke_token($1::bigint, $2)",
			      params, 2, on_answer, &answer, err);
	if (rc == DG_OK && !dg_str_eq(done, DG_STR("t")))
		rc = dg_error_set(err, DG_ERR_NOT_FOUND,
				  "there is no token %lld that could be "
				  "revoked",
				  (long long)id);
	dg_arena_destroy(&arena);
	return rc;
}

enum dg_rc
dg_store_token_admins(struct dg_pg *pg, struct dg_loop *loop,
		      int64_t *count_out, struct dg_error *err)
{
	struct dg_arena *arena = dg_arena_create(1 << 16);
	struct dg_str count = DG_STR_EMPTY;
	struct answer answer = {.values = &count, .arena = arena, .n = 1};
	enum dg_rc rc;

	rc = dg_pg_query_wait(pg, loop,
			      "SELECT count(*) FROM datagateway.admin_tokens "
			      "WHERE role = 'admin' AND revoked_at IS NULL "
			      "AND expires_at > now()",
			      NULL, 0, on_answer, &answer, err);
	if (rc == DG_OK && dg_str_to_i64(count, count_out) != DG_OK)
		rc = dg_error_set(err, DG_ERR_INTERNAL, "no number came");
	dg_arena_destroy(&arena);
	return rc;
}

/* ---- replies ------------------------------------------------------------- */

enum dg_rc
dg_store_reply_find(struct dg_pg *pg, struct dg_loop *loop,
		    struct dg_arena *arena, struct dg_store_reply *reply,
		    struct dg_error *err)
{
	struct dg_str values[5];
	struct answer answer = {
		.values = values, .arena = arena, .n = DG_ARRAY_LEN(values)};
	char number[24];
	struct dg_str params[2];
	enum dg_rc rc;

	(void)snprintf(number, sizeof(number), "%lld", (long long)reply->token);
	params[0] = dg_str_from_cstr(number);
	params[1] = reply->key;
	rc = dg_pg_query_wait(pg, loop,
			      "SELECT request, status, etag, body, version "
			      "FROM datagateway.admin_replies "
			      "WHERE token = $1::bigint AND key = $2 "
			      "AND at > now() - interval '1 day'",
			      params, 2, on_answer, &answer, err);
	if (rc != DG_OK)
		return rc;
	if (!answer.is_there)
		return DG_ERR_NOT_FOUND;
	reply->request = values[0];
	reply->etag = values[2];
	reply->body = values[3];
	if (dg_str_to_i64(values[1], &reply->status) != DG_OK ||
	    dg_str_to_i64(values[4], &reply->version) != DG_OK)
		return DG_ERR_INTERNAL;
	return DG_OK;
}

void
dg_store_digest(const struct dg_str *parts, size_t n,
		char out[DG_STORE_DIGEST_MAX])
{
	unsigned char hash[HASH_BYTES];
	crypto_generichash_state state;

	_Static_assert(2 * HASH_BYTES + 1 <= DG_STORE_DIGEST_MAX, "it fits");
	pthread_once(&sodium_once, start_sodium);
	(void)crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	for (size_t i = 0; i < n; i++) {
		uint64_t len = parts[i].len;

		/* With its length: "ab" "c" is not "a" "bc". */
		(void)crypto_generichash_update(
			&state, (const unsigned char *)&len, sizeof(len));
		(void)crypto_generichash_update(
			&state, (const unsigned char *)parts[i].data,
			parts[i].len);
	}
	(void)crypto_generichash_final(&state, hash, sizeof(hash));
	(void)sodium_bin2hex(out, DG_STORE_DIGEST_MAX, hash, sizeof(hash));
}
