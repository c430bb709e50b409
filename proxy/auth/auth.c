/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth.c - the chain of authenticators, and verifying passwords off the loop.
 *
 * A request is offered to each method in turn until one says it is its own.
 * Passwords: credential cache, else a flight that equal credentials share,
 * verified on an offload thread. The invariant: a user is accepted only if the
 * newest policy holds them enabled, at the time of the answer; every refusal
 * takes the same text, and unknown users cost the same time as known ones.
 */
#include "auth/auth_private.h"

#include "auth/basic.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "proxy/config.h"

enum {
	FLIGHT_MAGIC = 0x4175466c,
	AUTH_METRIC_OK = 0,
	AUTH_METRIC_FAILED = 1,
	AUTH_METRIC_BUSY = 2,
};

static const char text_missing[] = "Authentication failed: Unauthorized";
static const char text_busy[] =
	"Too many passwords are being verified, try again";
static const char text_no_policy[] =
	"The access policy has not been loaded yet, try again";
static const char text_ambiguous[] = "The user header is ambiguous";

const char dg_auth_text_failed[] = "Access Denied: Invalid credentials";
const char dg_auth_text_plain[] =
	"Authentication over HTTP is not enabled: use https";

/* One password check that runs; everybody with equal credentials waits. */
struct flight {
	uint32_t magic;
	struct dg_list link;  /* in auth.flights */
	struct dg_auth *auth; /* borrowed; outlives the pool's jobs */
	struct dg_list calls; /* struct dg_auth_call that wait */
	struct dg_credential_key key;
	struct dg_str name; /* owned */
	int64_t credential_version;
	/* The offload thread's from submit to done: */
	struct dg_str password; /* owned, wiped */
	struct dg_str hash;     /* owned */
	bool good;
};

struct dg_answer
dg_auth_refuse(enum dg_auth_result result, const char *text)
{
	return (struct dg_answer){.result = result, .text = text};
}

struct dg_answer
dg_auth_accept(const struct dg_store_user *user)
{
	return (struct dg_answer){.result = DG_AUTH_OK,
				  .caller = {.name = user->name},
				  .text = ""};
}

static void
count(enum dg_auth_result result)
{
	switch (result) {
	case DG_AUTH_OK:
		dg_metric_add_label(DG_METRIC_AUTH, AUTH_METRIC_OK, 1);
		break;
	case DG_AUTH_MISSING: /* a client that waits for the challenge */
		break;
	case DG_AUTH_FAILED:
	case DG_AUTH_REFUSED:
		dg_metric_add_label(DG_METRIC_AUTH, AUTH_METRIC_FAILED, 1);
		break;
	case DG_AUTH_BUSY:
		dg_metric_add_label(DG_METRIC_AUTH, AUTH_METRIC_BUSY, 1);
		break;
	}
}

void
dg_auth_give(dg_auth_fn done, void *arg, const struct dg_answer *answer)
{
	count(answer->result);
	done(arg, answer->result, &answer->caller, answer->text);
}

struct dg_auth_call *
dg_auth_call_create(struct dg_auth *auth, dg_auth_fn done, void *arg)
{
	struct dg_auth_call *call = DG_NEW(struct dg_auth_call);

	call->magic = DG_AUTH_CALL_MAGIC;
	call->auth = auth;
	call->done = done;
	call->arg = arg;
	return call;
}

enum dg_rc
dg_caller_copy(const struct dg_caller *caller, struct dg_arena *arena,
	       struct dg_caller *copy_out)
{
	struct dg_str *groups =
		DG_ARENA_ARRAY(arena, struct dg_str, caller->n_groups);
	struct dg_caller copy = {.name = dg_arena_str(arena, caller->name),
				 .groups = groups,
				 .n_groups = caller->n_groups,
				 .address =
					 dg_arena_str(arena, caller->address)};

	if (groups == NULL || copy.name.data == NULL ||
	    copy.address.data == NULL)
		return DG_ERR_LIMIT;
	for (size_t i = 0; i < caller->n_groups; i++) {
		groups[i] = dg_arena_str(arena, caller->groups[i]);
		if (groups[i].data == NULL)
			return DG_ERR_LIMIT;
	}
	*copy_out = copy;
	return DG_OK;
}

/* ---- names ------------------------------------------------------------- */

struct dg_str
dg_auth_canonical_name(struct dg_str name, bool lower,
		       char room[DG_AUTH_NAME_MAX])
{
	if (name.len == 0 || name.len > DG_AUTH_NAME_MAX ||
	    !dg_str_is_utf8(name))
		return DG_STR_EMPTY;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		bool upper = lower && c >= 'A' && c <= 'Z';

		room[i] = upper ? (char)(c - 'A' + 'a') : c;
	}
	return dg_str_make(room, name.len);
}

const struct dg_store_user *
dg_auth_enabled_user(const struct dg_auth *auth, struct dg_str name,
		     enum dg_store_auth method)
{
	const struct dg_store_user *user =
		dg_store_find_user(auth->policy, name);

	return user == NULL || user->disabled ||
			       !dg_store_user_may(user, method)
		       ? NULL
		       : user;
}

enum dg_rc
dg_auth_find_user(const struct dg_store_snapshot *policy, struct dg_str name,
		  bool lower, struct dg_arena *arena, struct dg_str *name_out)
{
	char *room = dg_arena_alloc(arena, DG_AUTH_NAME_MAX);
	const struct dg_store_user *user;

	if (room == NULL)
		return DG_ERR_LIMIT;
	user = dg_store_find_user(policy,
				  dg_auth_canonical_name(name, lower, room));
	if (user == NULL || user->disabled ||
	    !dg_store_user_may(user, DG_STORE_AUTH_TOKEN))
		return DG_ERR_DENIED;
	*name_out = user->name;
	return DG_OK;
}

/* ---- passwords --------------------------------------------------------- */

static void
hash_credentials(const struct dg_auth *auth, struct dg_str name,
		 struct dg_str password, struct dg_credential_key *key_out)
{
	const uint64_t name_len = name.len;
	crypto_generichash_state state;

	(void)crypto_generichash_init(&state, auth->key, sizeof(auth->key),
				      sizeof(key_out->bytes));
	(void)crypto_generichash_update(
		&state, (const unsigned char *)&name_len, sizeof(name_len));
	(void)crypto_generichash_update(
		&state, (const unsigned char *)name.data, name.len);
	(void)crypto_generichash_update(
		&state, (const unsigned char *)password.data, password.len);
	(void)crypto_generichash_final(&state, (unsigned char *)key_out->bytes,
				       sizeof(key_out->bytes));
	dg_wipe(&state, sizeof(state));
}

static struct flight *
find_flight(struct dg_auth *auth, const struct dg_credential_key *key)
{
	struct dg_list *it;
	struct dg_list *tmp;

	DG_LIST_FOREACH (it, tmp, &auth->flights) {
		struct flight *flight =
			DG_CONTAINER_OF(it, struct flight, link);

		if (sodium_memcmp(flight->key.bytes, key->bytes,
				  sizeof(key->bytes)) == 0)
			return flight;
	}
	return NULL;
}

static void
destroy_flight(struct flight *flight)
{
	dg_list_remove(&flight->link);
	dg_secret_free(&flight->password);
	dg_str_free(&flight->hash);
	dg_str_free(&flight->name);
	flight->magic = 0;
	dg_free(flight);
}

/* Offload thread. */
static void
verify_password(void *arg)
{
	struct flight *flight = arg;

	flight->good = dg_store_password_verify(flight->password, flight->hash);
}

/* The user may have changed while the thread was busy: look again. */
static struct dg_answer
judge(const struct flight *flight)
{
	const struct dg_store_user *user = dg_auth_enabled_user(
		flight->auth, flight->name, DG_STORE_AUTH_PASSWORD);
	struct dg_answer answer;

	if (user != NULL &&
	    user->credential_version != flight->credential_version)
		return dg_auth_refuse(DG_AUTH_BUSY, text_busy);
	if (!flight->good || user == NULL || user->password_hash.len == 0)
		return dg_auth_refuse(DG_AUTH_FAILED, dg_auth_text_failed);
	answer = dg_auth_accept(user);
	dg_credential_cache_add(&flight->auth->cache, &flight->key, user,
				&answer.caller, dg_clock_mono_ms(), UINT64_MAX);
	return answer;
}

static void
on_verified(void *arg)
{
	struct flight *flight = arg;
	struct dg_store_snapshot *policy;
	struct dg_answer answer;

	DG_CHECK_MAGIC(flight, FLIGHT_MAGIC);
	/* The answer's name lives in this policy, which may be replaced. */
	policy = dg_store_snapshot_ref(flight->auth->policy);
	answer = judge(flight);
	while (!dg_list_is_empty(&flight->calls)) {
		struct dg_auth_call *call = DG_CONTAINER_OF(
			flight->calls.next, struct dg_auth_call, link);
		dg_auth_fn done = call->done;
		void *done_arg = call->arg;

		dg_list_remove(&call->link);
		dg_free(call);
		dg_auth_give(done, done_arg, &answer);
	}
	dg_store_snapshot_unref(&policy);
	destroy_flight(flight);
}

/* Unknown users, and those without a password, cost what others cost. */
static struct dg_str
hash_of(const struct dg_store_user *user)
{
	if (user == NULL || user->password_hash.len == 0 ||
	    !dg_store_user_may(user, DG_STORE_AUTH_PASSWORD))
		return dg_store_password_dummy_hash();
	return user->password_hash;
}

uint64_t
dg_auth_address_key(struct dg_str peer)
{
	size_t end = peer.len;

	while (end > 0 && peer.data[end - 1] != ':')
		end--;
	return dg_hash(peer.data, end);
}

static struct flight *
start_flight(struct dg_auth *auth, const struct dg_auth_request *request,
	     struct dg_str name, struct dg_str password,
	     const struct dg_credential_key *key)
{
	const struct dg_store_user *user =
		dg_store_find_user(auth->policy, name);
	struct flight *flight = DG_NEW(struct flight);

	flight->magic = FLIGHT_MAGIC;
	flight->auth = auth;
	flight->key = *key;
	flight->name = dg_str_dup(name);
	flight->password = dg_str_dup(password);
	flight->hash = dg_str_dup(hash_of(user));
	flight->credential_version =
		user == NULL ? 0 : user->credential_version;
	dg_list_init(&flight->calls);
	dg_list_append(&auth->flights, &flight->link);
	if (dg_offload_submit(
		    auth->offload,
		    dg_auth_address_key(dg_str_from_cstr(request->peer)),
		    verify_password, on_verified, flight,
		    auth->loop) != DG_OK) {
		destroy_flight(flight);
		return NULL;
	}
	return flight;
}

static struct dg_auth_call *
join_flight(struct flight *flight, dg_auth_fn done, void *arg)
{
	struct dg_auth_call *call =
		dg_auth_call_create(flight->auth, done, arg);

	dg_list_append(&flight->calls, &call->link);
	return call;
}

/* Either *flight_out or an answer. */
static struct dg_answer
check_password(struct dg_auth *auth, const struct dg_auth_request *request,
	       const struct dg_basic *basic, struct flight **flight_out)
{
	char room[DG_AUTH_NAME_MAX];
	struct dg_str name = dg_auth_canonical_name(
		basic->user, auth->config.lower_names, room);
	struct dg_answer answer = {.result = DG_AUTH_OK, .text = ""};
	struct dg_credential_key key;

	if (name.len == 0)
		return dg_auth_refuse(DG_AUTH_FAILED, dg_auth_text_failed);
	hash_credentials(auth, name, basic->password, &key);
	if (dg_credential_cache_find(&auth->cache, &key, auth->policy,
				     dg_clock_mono_ms(), &answer.caller)) {
		dg_metric_add(DG_METRIC_AUTH_CACHE_HITS, 1);
		return answer;
	}
	*flight_out = find_flight(auth, &key);
	if (*flight_out == NULL)
		*flight_out = start_flight(auth, request, name, basic->password,
					   &key);
	if (*flight_out == NULL)
		return dg_auth_refuse(DG_AUTH_BUSY, text_busy);
	return dg_auth_refuse(DG_AUTH_BUSY, "");
}

/* ---- the chain --------------------------------------------------------- */

/*
 * A method looks at a request. False: not its business, ask the next one.
 * True: the attempt has an answer, or a call that waits for one.
 */
typedef bool (*method_fn)(struct dg_attempt *attempt);

/* Whoever sends credentials means them: they are never passed over. */
static bool
try_password(struct dg_attempt *attempt)
{
	const struct dg_auth_config *config = &attempt->auth->config;
	const struct dg_auth_request *request = attempt->request;
	struct flight *flight = NULL;
	struct dg_basic basic;
	size_t n;
	const struct dg_http_header *header =
		dg_http_find(request->head, DG_STR("Authorization"), &n);

	if (header == NULL)
		return false;
	attempt->answer = dg_auth_refuse(DG_AUTH_FAILED, dg_auth_text_failed);
	if (!config->password || n != 1)
		return true;
	if (config->require_tls && !request->is_tls) {
		attempt->answer =
			dg_auth_refuse(DG_AUTH_REFUSED, dg_auth_text_plain);
		return true;
	}
	if (dg_basic_read(header->value, &basic) == DG_OK)
		attempt->answer =
			check_password(attempt->auth, request, &basic, &flight);
	dg_wipe(&basic, sizeof(basic));
	if (flight != NULL)
		attempt->call =
			join_flight(flight, attempt->done, attempt->arg);
	return true;
}

static bool
try_trusted_header(struct dg_attempt *attempt)
{
	const struct dg_auth_config *config = &attempt->auth->config;
	const struct dg_http_head *head = attempt->request->head;
	char room[DG_AUTH_NAME_MAX];
	size_t n_trino;
	size_t n_presto;
	const struct dg_http_header *trino =
		dg_http_find(head, DG_STR("X-Trino-User"), &n_trino);
	const struct dg_http_header *presto =
		dg_http_find(head, DG_STR("X-Presto-User"), &n_presto);
	const struct dg_store_user *user;

	if (!config->trusted_header || n_trino + n_presto == 0)
		return false;
	if (n_trino + n_presto > 1) {
		attempt->answer =
			dg_auth_refuse(DG_AUTH_REFUSED, text_ambiguous);
		return true;
	}
	user = dg_auth_enabled_user(
		attempt->auth,
		dg_auth_canonical_name(trino != NULL ? trino->value
						     : presto->value,
				       config->lower_names, room),
		DG_STORE_AUTH_NONE);
	attempt->answer = user == NULL ? dg_auth_refuse(DG_AUTH_FAILED,
							dg_auth_text_failed)
				       : dg_auth_accept(user);
	return true;
}

static const method_fn methods[] = {
	dg_auth_try_token,
	try_password,
	try_trusted_header,
};

struct dg_auth_call *
dg_auth_check(struct dg_auth *auth, const struct dg_auth_request *request,
	      dg_auth_fn done, void *arg)
{
	struct dg_attempt attempt = {
		.auth = auth,
		.request = request,
		.done = done,
		.arg = arg,
		.answer = dg_auth_refuse(DG_AUTH_MISSING, text_missing),
	};
	struct dg_store_snapshot *policy;

	DG_CHECK_MAGIC(auth, DG_AUTH_MAGIC);
	if (auth->policy == NULL) {
		attempt.answer = dg_auth_refuse(DG_AUTH_BUSY, text_no_policy);
		dg_auth_give(done, arg, &attempt.answer);
		return NULL;
	}
	for (size_t i = 0; i < DG_ARRAY_LEN(methods); i++)
		if (methods[i](&attempt))
			break;
	if (attempt.call == NULL) {
		policy = dg_store_snapshot_ref(auth->policy);
		dg_auth_give(done, arg, &attempt.answer);
		dg_store_snapshot_unref(&policy);
	}
	dg_arena_destroy(&attempt.arena);
	return attempt.call;
}

/* The flight goes on: its result may be wanted by others, and is cached. */
void
dg_auth_cancel(struct dg_auth_call **call)
{
	struct dg_auth_call *c = *call;

	if (c == NULL)
		return;
	DG_CHECK_MAGIC(c, DG_AUTH_CALL_MAGIC);
	dg_auth_tokens_forget_call(c);
	c->magic = 0;
	dg_free(c);
	*call = NULL;
}

struct dg_auth *
dg_auth_create(struct dg_loop *loop, struct dg_offload *offload,
	       const struct dg_auth_config *config)
{
	struct dg_auth *auth = DG_NEW(struct dg_auth);

	auth->magic = DG_AUTH_MAGIC;
	auth->loop = loop;
	auth->offload = offload;
	auth->config = *config;
	dg_list_init(&auth->flights);
	dg_credential_cache_init(&auth->cache, config->cache_max,
				 config->cache_ttl_ms);
	crypto_generichash_keygen(auth->key);
	dg_auth_tokens_init(auth);
	return auth;
}

static void
abandon_flight(struct flight *flight)
{
	while (!dg_list_is_empty(&flight->calls)) {
		struct dg_auth_call *call = DG_CONTAINER_OF(
			flight->calls.next, struct dg_auth_call, link);

		dg_auth_cancel(&call);
	}
	destroy_flight(flight);
}

void
dg_auth_destroy(struct dg_auth **auth)
{
	struct dg_auth *a = *auth;

	if (a == NULL)
		return;
	DG_CHECK_MAGIC(a, DG_AUTH_MAGIC);
	while (!dg_list_is_empty(&a->flights))
		abandon_flight(
			DG_CONTAINER_OF(a->flights.next, struct flight, link));
	dg_auth_tokens_fini(a);
	dg_credential_cache_fini(&a->cache);
	dg_store_snapshot_unref(&a->policy);
	dg_wipe(a->key, sizeof(a->key));
	a->magic = 0;
	dg_free(a);
	*auth = NULL;
}

void
dg_auth_set_snapshot(struct dg_auth *auth, struct dg_store_snapshot *s)
{
	DG_CHECK_MAGIC(auth, DG_AUTH_MAGIC);
	s = dg_store_snapshot_ref(s);
	dg_store_snapshot_unref(&auth->policy);
	auth->policy = s;
	dg_credential_cache_sweep(&auth->cache, s);
	dg_credential_cache_sweep(&auth->tokens, s);
}
