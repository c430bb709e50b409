/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aead.h - authenticated encryption of short messages under a key ring that
 * all replicas share. What the messages say is seal.h's business.
 */
#ifndef DG_PROXY_PRESTO_AEAD_H
#define DG_PROXY_PRESTO_AEAD_H

#include "base/buf.h"

/* The first byte of a sealed message. */
enum dg_aead_cipher {
	DG_AEAD_AES_GCM = 1, /* AES-256-GCM */
	DG_AEAD_XCHACHA = 2, /* XChaCha20-Poly1305 */
};

#define DG_KEY_BYTES 32
#define DG_KEYS_MAX 16

struct dg_keyring;

/* True where this CPU has instructions for AES-GCM. */
bool dg_aead_has_aes(void);
/* The cipher that dg_aead_seal uses; tests may ask for the other one. */
void dg_aead_use(struct dg_keyring *ring, enum dg_aead_cipher cipher);

/* How many bytes a message grows by, at most. */
#define DG_AEAD_OVERHEAD 48

/*
 * Seals the message; context is authenticated only. out holds message.len +
 * DG_AEAD_OVERHEAD bytes. Returns how many were written.
 */
size_t dg_aead_seal(const struct dg_keyring *ring, struct dg_str context,
		    struct dg_str message, char *out);
/*
 * INVALID for anything that no replica with a key of the ring has sealed in
 * this context. plain holds sealed.len bytes.
 */
enum dg_rc dg_aead_open(const struct dg_keyring *ring, struct dg_str context,
			struct dg_str sealed, char *plain,
			size_t *len_out) DG_MUST_CHECK;

#endif
