/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credentials.c - password hashes: argon2id, m=19 MiB, t=2, p=1 (the OWASP
 * minimum), as "$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH".
 *
 * libsodium's opslimit is argon2's t, its memlimit m in bytes; p is always 1.
 * A hash that asks for more memory or passes than ours is refused unread:
 * offload threads times memory is part of the memory budget.
 */
#include <pthread.h>
#include <sodium.h>

#include "base/assert.h"
#include "credentials.h"

enum {
	HASH_PASSES = 2,
	HASH_MEMORY_KIB = 19456,
	HASH_PASSES_MAX = 10,
	PASSWORD_MAX = 1024,
};

static pthread_once_t sodium_once = PTHREAD_ONCE_INIT;

static void
start_sodium(void)
{
	DG_ASSERT(sodium_init() >= 0);
}

enum dg_rc
dg_store_password_hash(struct dg_str password, char hash_out[DG_STORE_HASH_MAX],
		       struct dg_error *err)
{
	_Static_assert(DG_STORE_HASH_MAX >= crypto_pwhash_STRBYTES,
		       "a hash fits");

	if (password.len == 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "the password is empty");
	if (password.len > PASSWORD_MAX)
		return dg_error_set(err, DG_ERR_INVALID,
				    "the password is longer than %d bytes",
				    (int)PASSWORD_MAX);
	pthread_once(&sodium_once, start_sodium);
	if (crypto_pwhash_str_alg(hash_out, password.data, password.len,
				  HASH_PASSES, HASH_MEMORY_KIB * 1024UL,
				  crypto_pwhash_ALG_ARGON2ID13) != 0)
		return dg_error_set(err, DG_ERR_UNAVAILABLE,
				    "not enough memory to hash a password");
	return DG_OK;
}

/* "NAME=digits" up to end; the digits. */
static bool
read_parameter(struct dg_str *rest, char name, char end, uint64_t *value_out)
{
	struct dg_str part;

	return dg_str_split(rest, end, &part) && part.len > 2 &&
	       part.data[0] == name && part.data[1] == '=' &&
	       dg_str_to_u64(dg_str_slice(part, 2, part.len), value_out) ==
		       DG_OK;
}

bool
dg_store_password_is_hash(struct dg_str hash)
{
	static const struct dg_str prefix = DG_STR_INIT("$argon2id$v=19$");
	struct dg_str rest = dg_str_slice(hash, prefix.len, hash.len);
	uint64_t memory_kib;
	uint64_t passes;
	uint64_t lanes;

	return dg_str_starts_with(hash, prefix) &&
	       hash.len < crypto_pwhash_STRBYTES &&
	       read_parameter(&rest, 'm', ',', &memory_kib) &&
	       read_parameter(&rest, 't', ',', &passes) &&
	       read_parameter(&rest, 'p', '$', &lanes) && lanes == 1 &&
	       memory_kib >= 8 && memory_kib <= HASH_MEMORY_KIB &&
	       passes >= 1 && passes <= HASH_PASSES_MAX && rest.data != NULL &&
	       dg_str_find(rest, '$', 0) < rest.len && dg_str_is_ascii(rest) &&
	       memchr(rest.data, 0, rest.len) == NULL;
}

bool
dg_store_password_verify(struct dg_str password, struct dg_str hash)
{
	char text[crypto_pwhash_STRBYTES] = {0};

	if (password.len == 0 || password.len > PASSWORD_MAX ||
	    !dg_store_password_is_hash(hash))
		return false;
	pthread_once(&sodium_once, start_sodium);
	memcpy(text, hash.data, hash.len);
	return crypto_pwhash_str_verify(text, password.data, password.len) == 0;
}

/* Of 32 random bytes that nobody has kept. */
struct dg_str
dg_store_password_dummy_hash(void)
{
	return DG_STR("$argon2id$v=19$m=19456,t=2,p=1$wAzzpN7j+Y0jDREHqU72+A$"
		      "vsM4jDZ6UEf6a3M92xRXXoyizPa++8quDSGMk/MQKTw");
}
