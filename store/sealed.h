/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sealed.h - a file in chunks that nobody can read, change, shorten or put
 * together anew without the key; private to store/.
 *
 *     label (8) | format (4) | header (24) | { length (4) | chunk }...
 *
 * Chunks are of crypto_secretstream_xchacha20poly1305, label and format being
 * associated data of each; the last one is marked as such. Numbers are little
 * endian. What is read is checked before it is believed: a length is bounded,
 * a chunk is opened before any byte of it is looked at.
 */
#ifndef DG_STORE_SEALED_H
#define DG_STORE_SEALED_H

#include <sodium.h>

#include "base/buf.h"
#include "base/error.h"

enum {
	DG_SEALED_LABEL = 8,
	DG_SEALED_HEAD = DG_SEALED_LABEL + 4,
	DG_SEALED_CHUNK_MAX = 16 << 20, /* before it is sealed */
};

struct dg_sealed_key {
	unsigned char bytes[crypto_secretstream_xchacha20poly1305_KEYBYTES];
};
/*
 * From 32 bytes in base64 (openssl rand -base64 32). Each purpose has a key of
 * its own. Wipe with dg_wipe.
 */
enum dg_rc dg_sealed_key_read(struct dg_str base64, const char *purpose,
			      struct dg_sealed_key *key_out,
			      struct dg_error *err) DG_MUST_CHECK;

/* All of n bytes, or an error. */
typedef enum dg_rc (*dg_sealed_put_fn)(void *arg, const void *bytes, size_t n,
				       struct dg_error *err);
/* As many as there are up to n; fewer only at the end. */
typedef enum dg_rc (*dg_sealed_get_fn)(void *arg, void *to, size_t n,
				       size_t *got_out, struct dg_error *err);

/* What a file is, and which edition of its contents. */
struct dg_sealed_kind {
	const char *label; /* DG_SEALED_LABEL characters */
	uint32_t format;
};

struct dg_sealer {
	dg_sealed_put_fn put;
	void *arg;
	unsigned char head[DG_SEALED_HEAD];
	crypto_secretstream_xchacha20poly1305_state state;
	struct dg_buf out;
};
enum dg_rc dg_sealer_open(struct dg_sealer *sealer,
			  const struct dg_sealed_kind *kind,
			  const struct dg_sealed_key *key, dg_sealed_put_fn put,
			  void *arg, struct dg_error *err) DG_MUST_CHECK;
/* At most DG_SEALED_CHUNK_MAX bytes. After the last one only close. */
enum dg_rc dg_sealer_put(struct dg_sealer *sealer, struct dg_str chunk,
			 bool is_last, struct dg_error *err) DG_MUST_CHECK;
/* Wipes; harmless when open failed. */
void dg_sealer_close(struct dg_sealer *sealer);

struct dg_unsealer {
	dg_sealed_get_fn get;
	void *arg;
	unsigned char head[DG_SEALED_HEAD];
	crypto_secretstream_xchacha20poly1305_state state;
	bool is_over; /* the last chunk was read */
	struct dg_buf in;
	struct dg_buf chunk;
};
/*
 * INVALID: not such a file, or of another format. Close in any case. Whether
 * the key fits shows with the first chunk.
 */
enum dg_rc dg_unsealer_open(struct dg_unsealer *unsealer,
			    const struct dg_sealed_kind *kind,
			    const struct dg_sealed_key *key,
			    dg_sealed_get_fn get, void *arg,
			    struct dg_error *err) DG_MUST_CHECK;
/*
 * The next chunk, the callee's to change until the next call. *at_end_out:
 * there is none, the last one was read. INVALID: it is not what was sealed;
 * NOT_FOUND: the file ends here without its last chunk.
 */
enum dg_rc dg_unsealer_next(struct dg_unsealer *unsealer, char **chunk_out,
			    size_t *len_out, bool *at_end_out,
			    struct dg_error *err) DG_MUST_CHECK;
void dg_unsealer_close(struct dg_unsealer *unsealer);

#endif
