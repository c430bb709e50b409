/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aead.c - AES-256-GCM or XChaCha20-Poly1305 under derived keys. See aead.h.
 *
 *     AES-GCM:  cipher 1 | key id 1 | salt 16 | counter 8 | text | tag 16
 *     XChaCha:  cipher 1 | key id 1 | nonce 24            | text | tag 16
 *
 * A GCM nonce must never be used twice under one key, and many replicas seal
 * under the same ring. So none of them uses the ring's key itself: each draws
 * a random 128-bit salt when it reads the ring and seals under
 * BLAKE2b(ring key, "datagateway seal 1" | cipher | salt). Two processes share
 * a derived key with probability 2^-64 even after 2^32 starts. Within the
 * process the nonce is a counter shared by all threads, so it cannot repeat;
 * 2^64 messages are not reached. The salt rides along, and whoever opens the
 * message derives the same key; the derived keys of other replicas that proved
 * right are kept per thread. XChaCha has nonces long enough to be random.
 *
 * libsodium's AES needs hardware; a replica without it seals with XChaCha and
 * opens the AES messages of others through OpenSSL.
 *
 * Invariant: a derived key enters the cache only after a message under it was
 * authentic, so that forged salts cannot drive out good entries.
 */
#include "presto/aead.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <stdatomic.h>

#include "base/assert.h"
#include "base/base64.h"
#include "base/mem.h"
#include "presto/seal.h"

enum {
	SALT = 16,
	COUNTER = 8,
	TAG = 16,
	GCM_NONCE = 12,
	XC_NONCE = SALT + COUNTER,
	HEAD = 2 + XC_NONCE, /* before the text, for both ciphers */
	CACHE_SLOTS = 16,
};

struct key {
	uint8_t id;
	unsigned char bytes[DG_KEY_BYTES];
	unsigned char xchacha[DG_KEY_BYTES]; /* derived */
};

struct dg_keyring {
	/* What seals here: made from keys[0] and the salt. First: aligned. */
	crypto_aead_aes256gcm_state own_state;
	uint64_t serial; /* of the ring in this process, for the cache */
	enum dg_aead_cipher cipher;
	size_t n_keys;
	struct key keys[DG_KEYS_MAX];
	unsigned char salt[SALT];
	_Atomic uint64_t *counter; /* owned; shared by sealing threads */
};

/* Keys derived from the salts of other replicas. */
struct slot {
	crypto_aead_aes256gcm_state state;
	uint64_t serial; /* 0: empty */
	uint8_t key_id;
	unsigned char salt[SALT];
};
static _Thread_local struct slot cache[CACHE_SLOTS];

static _Atomic uint64_t last_serial;

bool
dg_aead_has_aes(void)
{
	return sodium_init() >= 0 && crypto_aead_aes256gcm_is_available() != 0;
}

/* ---- the ring ---------------------------------------------------------- */

static void
derive(const unsigned char master[DG_KEY_BYTES], enum dg_aead_cipher cipher,
       const unsigned char salt[SALT], unsigned char key_out[DG_KEY_BYTES])
{
	static const char label[] = "datagateway seal 1";
	unsigned char message[sizeof(label) + SALT];

	memcpy(message, label, sizeof(label) - 1);
	message[sizeof(label) - 1] = (unsigned char)cipher;
	memcpy(message + sizeof(label), salt, SALT);
	DG_ASSERT(crypto_generichash(key_out, DG_KEY_BYTES, message,
				     sizeof(message), master,
				     DG_KEY_BYTES) == 0);
}

static struct dg_keyring *
create_ring(void)
{
	struct dg_keyring *ring;

	DG_ASSERT(sodium_init() >= 0);
	/* dg_calloc gives the 16-byte alignment that the AES state needs. */
	ring = DG_NEW(struct dg_keyring);
	ring->counter = DG_NEW(_Atomic uint64_t);
	ring->serial = atomic_fetch_add(&last_serial, 1) + 1;
	randombytes_buf(ring->salt, sizeof(ring->salt));
	return ring;
}

static void
prepare_ring(struct dg_keyring *ring)
{
	static const unsigned char no_salt[SALT];
	unsigned char key[DG_KEY_BYTES];

	for (size_t i = 0; i < ring->n_keys; i++)
		derive(ring->keys[i].bytes, DG_AEAD_XCHACHA, no_salt,
		       ring->keys[i].xchacha);
	ring->cipher = DG_AEAD_XCHACHA;
	if (!dg_aead_has_aes())
		return;
	ring->cipher = DG_AEAD_AES_GCM;
	derive(ring->keys[0].bytes, DG_AEAD_AES_GCM, ring->salt, key);
	crypto_aead_aes256gcm_beforenm(&ring->own_state, key);
	sodium_memzero(key, sizeof(key));
}

void
dg_aead_use(struct dg_keyring *ring, enum dg_aead_cipher cipher)
{
	DG_ASSERT(cipher == DG_AEAD_XCHACHA || dg_aead_has_aes());
	ring->cipher = cipher;
}

static const struct key *
find_key(const struct dg_keyring *ring, uint8_t id)
{
	for (size_t i = 0; i < ring->n_keys; i++) {
		if (ring->keys[i].id == id)
			return &ring->keys[i];
	}
	return NULL;
}

/* "ID BASE64KEY"; the text of the key never gets into an error. */
static enum dg_rc
parse_key(struct dg_keyring *ring, struct dg_str line, unsigned line_no,
	  struct dg_error *err)
{
	char bytes[64];
	struct dg_str id_text;
	uint64_t id = 0;
	size_t n = 0;
	enum dg_rc rc;

	if (!dg_str_split(&line, ' ', &id_text) ||
	    dg_str_to_u64(id_text, &id) != DG_OK || id > UINT8_MAX)
		return dg_error_set(err, DG_ERR_INVALID,
				    "line %u: a key id is a number from 0 to "
				    "255",
				    line_no);
	if (find_key(ring, (uint8_t)id) != NULL)
		return dg_error_set(err, DG_ERR_INVALID,
				    "line %u: key id %u is there twice",
				    line_no, (unsigned)id);
	if (ring->n_keys == DG_KEYS_MAX)
		return dg_error_set(err, DG_ERR_LIMIT,
				    "line %u: more than %d keys", line_no,
				    DG_KEYS_MAX);
	line = dg_str_trim(line);
	rc = DG_ERR_INVALID;
	if (dg_base64_decoded_max(line.len) <= sizeof(bytes))
		rc = dg_base64_decode(line, false, bytes, &n);
	if (rc != DG_OK || n != DG_KEY_BYTES) {
		sodium_memzero(bytes, sizeof(bytes));
		return dg_error_set(err, DG_ERR_INVALID,
				    "line %u: a key is the base64 text of %d "
				    "bytes (openssl rand -base64 32)",
				    line_no, DG_KEY_BYTES);
	}
	ring->keys[ring->n_keys].id = (uint8_t)id;
	memcpy(ring->keys[ring->n_keys].bytes, bytes, DG_KEY_BYTES);
	ring->n_keys++;
	sodium_memzero(bytes, sizeof(bytes));
	return DG_OK;
}

enum dg_rc
dg_keyring_parse(struct dg_str lines, struct dg_keyring **out,
		 struct dg_error *err)
{
	struct dg_keyring *ring = create_ring();
	struct dg_str line;
	unsigned line_no = 0;
	enum dg_rc rc = DG_OK;

	while (rc == DG_OK && dg_str_split(&lines, '\n', &line)) {
		line_no++;
		line = dg_str_trim(line);
		if (line.len == 0 || line.data[0] == '#')
			continue;
		rc = parse_key(ring, line, line_no, err);
	}
	if (rc == DG_OK && ring->n_keys == 0)
		rc = dg_error_set(err, DG_ERR_INVALID,
				  "there is no key in the key ring");
	if (rc != DG_OK) {
		dg_keyring_destroy(&ring);
		return rc;
	}
	prepare_ring(ring);
	*out = ring;
	return DG_OK;
}

struct dg_keyring *
dg_keyring_random(void)
{
	struct dg_keyring *ring = create_ring();

	randombytes_buf(ring->keys[0].bytes, DG_KEY_BYTES);
	ring->n_keys = 1;
	prepare_ring(ring);
	return ring;
}

void
dg_keyring_destroy(struct dg_keyring **ring)
{
	if (*ring == NULL)
		return;
	dg_free((*ring)->counter);
	dg_wipe(*ring, sizeof(**ring));
	dg_free(*ring);
	*ring = NULL;
}

/* ---- sealing ----------------------------------------------------------- */

static void
put_u64(unsigned char *to, uint64_t n)
{
	for (unsigned i = 0; i < 8; i++)
		to[i] = (unsigned char)(n >> (8 * i) & 0xff);
}

/* The transmitted counter is the low part of the nonce, the rest is zero. */
static void
make_gcm_nonce(const unsigned char *counter, unsigned char nonce[GCM_NONCE])
{
	memset(nonce, 0, GCM_NONCE);
	memcpy(nonce, counter, COUNTER);
}

static void
seal_gcm(const struct dg_keyring *ring, struct dg_str context,
	 struct dg_str message, unsigned char *to)
{
	unsigned char nonce[GCM_NONCE];

	memcpy(to + 2, ring->salt, SALT);
	put_u64(to + 2 + SALT, atomic_fetch_add(ring->counter, 1));
	make_gcm_nonce(to + 2 + SALT, nonce);
	crypto_aead_aes256gcm_encrypt_afternm(
		to + HEAD, NULL, (const unsigned char *)message.data,
		message.len, (const unsigned char *)context.data, context.len,
		NULL, nonce, &ring->own_state);
}

static void
seal_xchacha(const struct dg_keyring *ring, struct dg_str context,
	     struct dg_str message, unsigned char *to)
{
	randombytes_buf(to + 2, XC_NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(
		to + HEAD, NULL, (const unsigned char *)message.data,
		message.len, (const unsigned char *)context.data, context.len,
		NULL, to + 2, ring->keys[0].xchacha);
}

size_t
dg_aead_seal(const struct dg_keyring *ring, struct dg_str context,
	     struct dg_str message, char *out)
{
	unsigned char *to = (unsigned char *)out;

	to[0] = (unsigned char)ring->cipher;
	to[1] = ring->keys[0].id;
	if (ring->cipher == DG_AEAD_AES_GCM)
		seal_gcm(ring, context, message, to);
	else
		seal_xchacha(ring, context, message, to);
	return HEAD + message.len + TAG;
}

/* ---- opening ----------------------------------------------------------- */

static bool
open_with_state(const crypto_aead_aes256gcm_state *state,
		const unsigned char *from, size_t len, struct dg_str context,
		char *plain)
{
	unsigned char nonce[GCM_NONCE];

	make_gcm_nonce(from + 2 + SALT, nonce);
	return crypto_aead_aes256gcm_decrypt_afternm(
		       (unsigned char *)plain, NULL, NULL, from + HEAD,
		       len - HEAD, (const unsigned char *)context.data,
		       context.len, nonce, state) == 0;
}

static struct slot *
find_slot(const struct dg_keyring *ring, uint8_t key_id,
	  const unsigned char *salt)
{
	/* Salts are random: any byte of them spreads. */
	struct slot *slot = &cache[salt[0] % CACHE_SLOTS];

	if (slot->serial == ring->serial && slot->key_id == key_id &&
	    memcmp(slot->salt, salt, SALT) == 0)
		return slot;
	return NULL;
}

static void
keep_state(const struct dg_keyring *ring, uint8_t key_id,
	   const unsigned char *salt, const crypto_aead_aes256gcm_state *state)
{
	struct slot *slot = &cache[salt[0] % CACHE_SLOTS];

	slot->serial = ring->serial;
	slot->key_id = key_id;
	memcpy(slot->salt, salt, SALT);
	slot->state = *state;
}

static bool
open_gcm_derived(const struct dg_keyring *ring, const struct key *key,
		 const unsigned char *from, size_t len, struct dg_str context,
		 char *plain)
{
	crypto_aead_aes256gcm_state state;
	unsigned char derived[DG_KEY_BYTES];
	bool ok;

	derive(key->bytes, DG_AEAD_AES_GCM, from + 2, derived);
	crypto_aead_aes256gcm_beforenm(&state, derived);
	ok = open_with_state(&state, from, len, context, plain);
	if (ok)
		keep_state(ring, key->id, from + 2, &state);
	sodium_memzero(derived, sizeof(derived));
	sodium_memzero(&state, sizeof(state));
	return ok;
}

static bool
openssl_decrypt(EVP_CIPHER_CTX *ctx, const unsigned char *key,
		const unsigned char *from, size_t len, struct dg_str context,
		char *plain)
{
	unsigned char nonce[GCM_NONCE];
	unsigned char tag[TAG];
	size_t text_len = len - HEAD - TAG;
	int n;

	make_gcm_nonce(from + 2 + SALT, nonce);
	memcpy(tag, from + len - TAG, TAG);
	return EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) ==
		       1 &&
	       EVP_DecryptUpdate(ctx, NULL, &n,
				 (const unsigned char *)context.data,
				 (int)context.len) == 1 &&
	       EVP_DecryptUpdate(ctx, (unsigned char *)plain, &n, from + HEAD,
				 (int)text_len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1 &&
	       EVP_DecryptFinal_ex(ctx, (unsigned char *)plain + text_len,
				   &n) == 1;
}

/* For CPUs on which libsodium offers no AES. */
static bool
open_gcm_openssl(const struct key *key, const unsigned char *from, size_t len,
		 struct dg_str context, char *plain)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char derived[DG_KEY_BYTES];
	bool ok;

	DG_ASSERT(ctx != NULL);
	derive(key->bytes, DG_AEAD_AES_GCM, from + 2, derived);
	ok = openssl_decrypt(ctx, derived, from, len, context, plain);
	sodium_memzero(derived, sizeof(derived));
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

static bool
open_gcm(const struct dg_keyring *ring, const struct key *key,
	 const unsigned char *from, size_t len, struct dg_str context,
	 char *plain)
{
	struct slot *slot;

	/* A ring told to use XChaCha stands for a CPU without AES. */
	if (ring->cipher != DG_AEAD_AES_GCM)
		return open_gcm_openssl(key, from, len, context, plain);
	if (key == &ring->keys[0] && memcmp(from + 2, ring->salt, SALT) == 0)
		return open_with_state(&ring->own_state, from, len, context,
				       plain);
	slot = find_slot(ring, key->id, from + 2);
	if (slot != NULL)
		return open_with_state(&slot->state, from, len, context, plain);
	return open_gcm_derived(ring, key, from, len, context, plain);
}

static bool
open_xchacha(const struct key *key, const unsigned char *from, size_t len,
	     struct dg_str context, char *plain)
{
	return crypto_aead_xchacha20poly1305_ietf_decrypt(
		       (unsigned char *)plain, NULL, NULL, from + HEAD,
		       len - HEAD, (const unsigned char *)context.data,
		       context.len, from + 2, key->xchacha) == 0;
}

#define SEALED_MAX 65536

enum dg_rc
dg_aead_open(const struct dg_keyring *ring, struct dg_str context,
	     struct dg_str sealed, char *plain, size_t *len_out)
{
	const unsigned char *from = (const unsigned char *)sealed.data;
	const struct key *key;
	bool ok = false;

	if (sealed.len < HEAD + TAG || sealed.len > SEALED_MAX)
		return DG_ERR_INVALID;
	key = find_key(ring, from[1]);
	if (key == NULL)
		return DG_ERR_INVALID;
	*len_out = sealed.len - HEAD - TAG;
	if (from[0] == DG_AEAD_AES_GCM)
		ok = open_gcm(ring, key, from, sealed.len, context, plain);
	else if (from[0] == DG_AEAD_XCHACHA)
		ok = open_xchacha(key, from, sealed.len, context, plain);
	return ok ? DG_OK : DG_ERR_INVALID;
}
