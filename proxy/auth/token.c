/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.c - bearer tokens in the chain of authenticators.
 *
 * Whether a token holds is jwt.c's to say; here are the cache, the user behind
 * the name, and those who wait because the issuer may have a newer key. The
 * invariant: a remembered token dies with itself, with the keys that it was
 * verified by, and with its user.
 */
#include "auth/auth_private.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "proxy/config.h"

enum {
	SCRATCH_MAX = 512 * 1024,
	WAITING_MAX = 256,
	LOG_EVERY_MS = 1000,
	REFUSALS_PER_SECOND = 50, /* of one address */
};

/* As in datagateway_auth_tokens_total. */
enum label {
	LABEL_OK,
	LABEL_MALFORMED,
	LABEL_KEYS,
	LABEL_SIGNATURE,
	LABEL_EXPIRED,
	LABEL_AUDIENCE,
	LABEL_CLAIMS,
	LABEL_USER,
};

static const char text_refusals[] =
	"Too many tokens that do not hold, try again later";
static const char text_waiting[] =
	"Too many tokens wait for the keys of their issuer, try again";

/* ---- what came of it ----------------------------------------------------- */

static enum label
label_of(enum dg_jwt_verdict verdict)
{
	switch (verdict) {
	case DG_JWT_OK:
		return LABEL_OK;
	case DG_JWT_UNKNOWN_KEY:
	case DG_JWT_STALE_KEYS:
		return LABEL_KEYS;
	case DG_JWT_SIGNATURE:
		return LABEL_SIGNATURE;
	case DG_JWT_EXPIRED:
		return LABEL_EXPIRED;
	case DG_JWT_AUDIENCE:
		return LABEL_AUDIENCE;
	case DG_JWT_ISSUER:
	case DG_JWT_NOT_YET:
	case DG_JWT_TOO_OLD:
	case DG_JWT_NO_USER:
	case DG_JWT_GROUPS:
		return LABEL_CLAIMS;
	case DG_JWT_MALFORMED:
	case DG_JWT_TYPE:
	case DG_JWT_CRITICAL:
	case DG_JWT_ALGORITHM:
	case DG_JWT_LIMIT:
	case DG_JWT_VERDICTS:
		break;
	}
	return LABEL_MALFORMED;
}

static struct dg_auth_refusals *
refusals_of(struct dg_auth *auth, struct dg_str peer)
{
	struct dg_auth_refusals *refusals =
		&auth->refusals[dg_auth_address_key(peer) %
				DG_AUTH_REFUSAL_SLOTS];
	uint64_t second = dg_clock_mono_ms() / 1000;

	if (refusals->second != second)
		*refusals = (struct dg_auth_refusals){.second = second};
	return refusals;
}

/* Never the token, nor what only it says. */
static void
note(struct dg_auth *auth, enum label label, const char *why,
     struct dg_str peer)
{
	uint64_t now_ms = dg_clock_mono_ms();

	dg_metric_add_label(DG_METRIC_AUTH_TOKENS, label, 1);
	if (label == LABEL_OK)
		return;
	refusals_of(auth, peer)->n++;
	if (now_ms < auth->next_log_ms) {
		auth->n_unlogged++;
		return;
	}
	dg_log_info(NULL, "auth.token_refused",
		    DG_FIELDS(DG_LOG_CSTR("why", why), DG_LOG_STR("peer", peer),
			      DG_LOG_INT("others", auth->n_unlogged)),
		    "a token was refused");
	auth->next_log_ms = now_ms + LOG_EVERY_MS;
	auth->n_unlogged = 0;
}

static void
hash_token(const struct dg_auth *auth, struct dg_str token,
	   struct dg_credential_key *key_out)
{
	(void)crypto_generichash((unsigned char *)key_out->bytes,
				 sizeof(key_out->bytes),
				 (const unsigned char *)token.data, token.len,
				 auth->key, sizeof(auth->key));
}

/* Until when its signature need not be looked at again. */
static uint64_t
good_until_ms(const struct dg_auth *auth,
	      const struct dg_jwt_identity *identity, int64_t now_s,
	      uint64_t now_ms)
{
	uint64_t until_ms =
		now_ms + (uint64_t)(identity->until_s - now_s) * 1000;
	uint64_t stale_ms = auth->keys->heard_ms + auth->keys->stale_ms;

	return identity->from_url && stale_ms < until_ms ? stale_ms : until_ms;
}

static struct dg_answer
accept_identity(struct dg_auth *auth, const struct dg_jwt_identity *identity,
		const struct dg_credential_key *key, int64_t now_s,
		struct dg_str peer)
{
	char room[DG_AUTH_NAME_MAX];
	const struct dg_store_user *user = dg_auth_enabled_user(
		auth,
		dg_auth_canonical_name(identity->user,
				       auth->config.jwt_lower_names, room),
		DG_STORE_AUTH_TOKEN);
	uint64_t now_ms = dg_clock_mono_ms();
	struct dg_answer answer;

	if (user == NULL) {
		note(auth, LABEL_USER, "unknown_user", peer);
		return dg_auth_refuse(DG_AUTH_FAILED, dg_auth_text_failed);
	}
	answer = dg_auth_accept(user);
	answer.caller.groups = identity->groups;
	answer.caller.n_groups = identity->n_groups;
	dg_credential_cache_add(&auth->tokens, key, user, &answer.caller,
				now_ms,
				good_until_ms(auth, identity, now_s, now_ms));
	note(auth, LABEL_OK, "", peer);
	return answer;
}

/* Newer keys could make another verdict of it. */
static bool
is_about_keys(enum dg_jwt_verdict verdict)
{
	return verdict == DG_JWT_UNKNOWN_KEY || verdict == DG_JWT_STALE_KEYS;
}

/* 503 where the bearer can do nothing about it. */
static struct dg_answer
refuse_verdict(const struct dg_auth *auth, enum dg_jwt_verdict verdict)
{
	bool no_keys = verdict == DG_JWT_STALE_KEYS ||
		       (verdict == DG_JWT_UNKNOWN_KEY && auth->keys->n == 0);

	if (no_keys)
		return dg_auth_refuse(DG_AUTH_BUSY,
				      dg_jwt_verdict_text(DG_JWT_STALE_KEYS));
	return dg_auth_refuse(verdict == DG_JWT_LIMIT ? DG_AUTH_BUSY
						      : DG_AUTH_FAILED,
			      dg_jwt_verdict_text(verdict));
}

/*
 * The verdict on a token, and the answer that follows; *arena_out holds what
 * the answer points to.
 */
static enum dg_jwt_verdict
judge(struct dg_auth *auth, struct dg_str token, struct dg_str peer,
      bool may_wait, struct dg_answer *answer_out, struct dg_arena **arena_out)
{
	struct dg_arena *arena = dg_arena_create(SCRATCH_MAX);
	int64_t now_s = dg_clock_wall_us() / 1000000;
	struct dg_jwt_identity identity;
	struct dg_credential_key key;
	enum dg_jwt_verdict verdict;

	dg_arena_keep_secrets(arena);
	*arena_out = arena;
	verdict = dg_jwt_check(auth->keys, auth->config.jwt, token, now_s,
			       dg_clock_mono_ms(), arena, &identity);
	if (may_wait && is_about_keys(verdict))
		return verdict;
	if (verdict == DG_JWT_OK) {
		hash_token(auth, token, &key);
		*answer_out =
			accept_identity(auth, &identity, &key, now_s, peer);
		return verdict;
	}
	note(auth, label_of(verdict), dg_jwt_verdict_name(verdict), peer);
	*answer_out = refuse_verdict(auth, verdict);
	return verdict;
}

/* ---- waiting for keys ---------------------------------------------------- */

static void on_waited(void *arg);

static void
start_timer(struct dg_auth *auth)
{
	const struct dg_auth_call *first;
	uint64_t now_ms = dg_clock_mono_ms();

	if (dg_list_is_empty(&auth->waiting)) {
		dg_timer_cancel(&auth->wait_timer);
		return;
	}
	first = DG_CONTAINER_OF(auth->waiting.next, struct dg_auth_call, link);
	dg_timer_start(&auth->wait_timer, auth->loop,
		       first->until_ms > now_ms ? first->until_ms - now_ms : 0,
		       on_waited, auth);
}

static void
free_call(struct dg_auth_call *call)
{
	dg_auth_tokens_forget_call(call);
	call->magic = 0;
	dg_free(call);
}

/* Called back as the last thing: it may do anything to the others. */
static void
answer_waiting(struct dg_auth *auth, struct dg_auth_call *call)
{
	struct dg_store_snapshot *policy = dg_store_snapshot_ref(auth->policy);
	dg_auth_fn done = call->done;
	void *done_arg = call->arg;
	struct dg_arena *arena = NULL;
	struct dg_answer answer;

	(void)judge(auth, call->token, call->peer, false, &answer, &arena);
	free_call(call);
	dg_auth_give(done, done_arg, &answer);
	dg_arena_destroy(&arena);
	dg_store_snapshot_unref(&policy);
}

static void
on_waited(void *arg)
{
	struct dg_auth *auth = arg;

	DG_CHECK_MAGIC(auth, DG_AUTH_MAGIC);
	/* Perhaps the wish was not heard: the next one says it again. */
	auth->keys_wanted = false;
	while (!dg_list_is_empty(&auth->waiting)) {
		struct dg_auth_call *call = DG_CONTAINER_OF(
			auth->waiting.next, struct dg_auth_call, link);

		if (call->until_ms > dg_clock_mono_ms())
			break;
		answer_waiting(auth, call);
	}
	start_timer(auth);
}

static void
wait_for_keys(struct dg_attempt *attempt, struct dg_str token,
	      struct dg_str peer)
{
	struct dg_auth *auth = attempt->auth;
	struct dg_auth_call *call =
		dg_auth_call_create(auth, attempt->done, attempt->arg);

	call->token = dg_str_dup(token);
	call->peer = dg_str_dup(peer);
	call->until_ms = dg_clock_mono_ms() + auth->config.jwt_wait_ms;
	dg_list_append(&auth->waiting, &call->link);
	auth->n_waiting++;
	attempt->call = call;
	if (!dg_timer_is_pending(&auth->wait_timer))
		start_timer(auth);
	if (auth->keys_wanted)
		return;
	auth->keys_wanted = true;
	auth->config.want_keys(auth->config.want_keys_arg);
}

void
dg_auth_tokens_forget_call(struct dg_auth_call *call)
{
	dg_list_remove(&call->link);
	if (call->token.len == 0)
		return;
	call->auth->n_waiting--;
	dg_secret_free(&call->token);
	dg_str_free(&call->peer);
}

void
dg_auth_set_keys(struct dg_auth *auth, struct dg_jwt_keys *keys)
{
	bool others = auth->keys == NULL ||
		      auth->keys->generation != keys->generation;
	size_t n = auth->n_waiting;

	DG_CHECK_MAGIC(auth, DG_AUTH_MAGIC);
	keys = dg_jwt_keys_ref(keys);
	dg_jwt_keys_unref(&auth->keys);
	auth->keys = keys;
	auth->keys_wanted = false;
	if (others)
		dg_credential_cache_clear(&auth->tokens);
	/* Not those who begin to wait meanwhile. */
	for (; n > 0 && !dg_list_is_empty(&auth->waiting); n--)
		answer_waiting(auth,
			       DG_CONTAINER_OF(auth->waiting.next,
					       struct dg_auth_call, link));
	start_timer(auth);
}

/* ---- the method ---------------------------------------------------------- */

/* RFC 6750, 2.1 */
static bool
read_bearer(struct dg_str value, struct dg_str *token_out)
{
	const struct dg_str scheme = DG_STR("Bearer ");

	if (!dg_str_starts_with_nocase(value, scheme))
		return false;
	*token_out = dg_str_trim(dg_str_slice(value, scheme.len, value.len));
	return true;
}

static bool
is_remembered(struct dg_attempt *attempt, struct dg_str token)
{
	struct dg_auth *auth = attempt->auth;
	struct dg_credential_key key;

	hash_token(auth, token, &key);
	if (!dg_credential_cache_find(&auth->tokens, &key, auth->policy,
				      dg_clock_mono_ms(),
				      &attempt->answer.caller))
		return false;
	attempt->answer.result = DG_AUTH_OK;
	attempt->answer.text = "";
	dg_metric_add(DG_METRIC_AUTH_CACHE_HITS, 1);
	return true;
}

static void
check_token(struct dg_attempt *attempt, struct dg_str token, struct dg_str peer)
{
	struct dg_auth *auth = attempt->auth;
	bool may_wait;

	if (token.len > DG_JWT_TOKEN_MAX) {
		note(auth, LABEL_MALFORMED, "malformed", peer);
		return;
	}
	if (is_remembered(attempt, token))
		return;
	if (refusals_of(auth, peer)->n >= REFUSALS_PER_SECOND) {
		attempt->answer = dg_auth_refuse(DG_AUTH_BUSY, text_refusals);
		return;
	}
	if (auth->keys == NULL) {
		attempt->answer = dg_auth_refuse(
			DG_AUTH_BUSY, dg_jwt_verdict_text(DG_JWT_STALE_KEYS));
		return;
	}
	/* A flood of unknown keys ends here, not with the control thread. */
	may_wait = auth->config.want_keys != NULL &&
		   dg_clock_mono_ms() >= auth->keys->next_ms;
	if (!is_about_keys(judge(auth, token, peer, may_wait, &attempt->answer,
				 &attempt->arena)) ||
	    !may_wait)
		return;
	if (auth->n_waiting == WAITING_MAX)
		attempt->answer = dg_auth_refuse(DG_AUTH_BUSY, text_waiting);
	else
		wait_for_keys(attempt, token, peer);
}

bool
dg_auth_try_token(struct dg_attempt *attempt)
{
	const struct dg_auth_request *request = attempt->request;
	const struct dg_auth_config *config = &attempt->auth->config;
	struct dg_str peer = dg_str_from_cstr(request->peer);
	struct dg_str token;
	size_t n;
	const struct dg_http_header *header =
		dg_http_find(request->head, DG_STR("Authorization"), &n);

	if (header == NULL || !read_bearer(header->value, &token))
		return false;
	attempt->answer = dg_auth_refuse(DG_AUTH_FAILED, dg_auth_text_failed);
	if (config->jwt == NULL || n != 1)
		return true;
	if (config->jwt_require_tls && !request->is_tls) {
		note(attempt->auth, LABEL_MALFORMED, "plain", peer);
		attempt->answer =
			dg_auth_refuse(DG_AUTH_REFUSED, dg_auth_text_plain);
		return true;
	}
	check_token(attempt, token, peer);
	return true;
}

void
dg_auth_tokens_init(struct dg_auth *auth)
{
	dg_list_init(&auth->waiting);
	dg_credential_cache_init(&auth->tokens, auth->config.cache_max,
				 auth->config.cache_ttl_ms);
}

void
dg_auth_tokens_fini(struct dg_auth *auth)
{
	while (!dg_list_is_empty(&auth->waiting))
		free_call(DG_CONTAINER_OF(auth->waiting.next,
					  struct dg_auth_call, link));
	dg_timer_fini(&auth->wait_timer);
	dg_credential_cache_fini(&auth->tokens);
	dg_jwt_keys_unref(&auth->keys);
}
