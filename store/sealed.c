/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sealed.c - see sealed.h. Knows nothing of what is in the chunks, and does
 * no I/O of its own.
 */
#include "sealed.h"

#include "base/assert.h"
#include "base/base64.h"
#include "base/mem.h"

enum {
	HEADER_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
	ADDED_BYTES = crypto_secretstream_xchacha20poly1305_ABYTES,
	LENGTH_BYTES = 4,
	KEY_BYTES = sizeof(struct dg_sealed_key),
	KEY_TEXT_MAX = 64,
	OUT_MAX = LENGTH_BYTES + DG_SEALED_CHUNK_MAX + ADDED_BYTES,
};

static void
put_u32(unsigned char *to, uint32_t n)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (unsigned char)(n >> 8 * i);
}

static uint32_t
get_u32(const unsigned char *from)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < 4; i++)
		n |= (uint32_t)from[i] << 8 * i;
	return n;
}

/* ---- keys --------------------------------------------------------------- */

enum dg_rc
dg_sealed_key_read(struct dg_str base64, const char *purpose,
		   struct dg_sealed_key *key_out, struct dg_error *err)
{
	char bytes[KEY_TEXT_MAX];
	struct dg_str text = dg_str_trim(base64);
	size_t len = 0;
	enum dg_rc rc = DG_ERR_INVALID;

	if (sodium_init() >= 0 &&
	    dg_base64_decoded_max(text.len) <= sizeof(bytes))
		rc = dg_base64_decode(text, false, bytes, &len);
	if (rc == DG_OK && len != KEY_BYTES)
		rc = DG_ERR_INVALID;
	if (rc == DG_OK)
		(void)crypto_generichash(
			key_out->bytes, KEY_BYTES,
			(const unsigned char *)purpose, strlen(purpose),
			(const unsigned char *)bytes, KEY_BYTES);
	else
		(void)dg_error_set(err, rc,
				   "the key is not 32 bytes in base64 (make "
				   "one with: openssl rand -base64 32)");
	dg_wipe(bytes, sizeof(bytes));
	return rc;
}

static void
make_head(const struct dg_sealed_kind *kind, unsigned char head[DG_SEALED_HEAD])
{
	DG_ASSERT(strlen(kind->label) == DG_SEALED_LABEL);
	memcpy(head, kind->label, DG_SEALED_LABEL);
	put_u32(head + DG_SEALED_LABEL, kind->format);
}

/* ---- sealing ------------------------------------------------------------ */

enum dg_rc
dg_sealer_open(struct dg_sealer *sealer, const struct dg_sealed_kind *kind,
	       const struct dg_sealed_key *key, dg_sealed_put_fn put, void *arg,
	       struct dg_error *err)
{
	unsigned char header[HEADER_BYTES];
	enum dg_rc rc;

	*sealer = (struct dg_sealer){.put = put, .arg = arg};
	dg_buf_init(&sealer->out, OUT_MAX);
	make_head(kind, sealer->head);
	(void)crypto_secretstream_xchacha20poly1305_init_push(
		&sealer->state, header, key->bytes);
	rc = put(arg, sealer->head, sizeof(sealer->head), err);
	return rc == DG_OK ? put(arg, header, sizeof(header), err) : rc;
}

enum dg_rc
dg_sealer_put(struct dg_sealer *sealer, struct dg_str chunk, bool is_last,
	      struct dg_error *err)
{
	size_t sealed = chunk.len + ADDED_BYTES;
	unsigned char *out;
	char *room;

	DG_ASSERT(chunk.len <= DG_SEALED_CHUNK_MAX);
	dg_buf_clear(&sealer->out);
	if (dg_buf_reserve(&sealer->out, LENGTH_BYTES + sealed, &room) != DG_OK)
		return dg_error_set(err, DG_ERR_LIMIT, "no memory");
	out = (unsigned char *)room;
	put_u32(out, (uint32_t)sealed);
	(void)crypto_secretstream_xchacha20poly1305_push(
		&sealer->state, out + LENGTH_BYTES, NULL,
		(const unsigned char *)chunk.data, chunk.len, sealer->head,
		sizeof(sealer->head),
		is_last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
			: crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
	return sealer->put(sealer->arg, out, LENGTH_BYTES + sealed, err);
}

void
dg_sealer_close(struct dg_sealer *sealer)
{
	dg_buf_fini(&sealer->out);
	dg_wipe(&sealer->state, sizeof(sealer->state));
}

/* ---- unsealing ---------------------------------------------------------- */

/* *got_out < n: the file ends there. */
static enum dg_rc
get_bytes(struct dg_unsealer *unsealer, struct dg_buf *to, size_t n,
	  size_t *got_out, struct dg_error *err)
{
	enum dg_rc rc;
	char *room;

	dg_buf_clear(to);
	if (dg_buf_reserve(to, n, &room) != DG_OK)
		return dg_error_set(err, DG_ERR_LIMIT, "no memory");
	rc = unsealer->get(unsealer->arg, room, n, got_out, err);
	if (rc == DG_OK)
		dg_buf_commit(to, *got_out);
	return rc;
}

static enum dg_rc
check_head(const unsigned char *found, const unsigned char *wanted,
	   struct dg_error *err)
{
	if (memcmp(found, wanted, DG_SEALED_LABEL) != 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "it is a file of another kind");
	if (memcmp(found, wanted, DG_SEALED_HEAD) != 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "it has format %u, this program reads "
				    "format %u alone",
				    get_u32(found + DG_SEALED_LABEL),
				    get_u32(wanted + DG_SEALED_LABEL));
	return DG_OK;
}

enum dg_rc
dg_unsealer_open(struct dg_unsealer *unsealer,
		 const struct dg_sealed_kind *kind,
		 const struct dg_sealed_key *key, dg_sealed_get_fn get,
		 void *arg, struct dg_error *err)
{
	enum { ALL = DG_SEALED_HEAD + HEADER_BYTES };
	const unsigned char *found;
	size_t got = 0;
	enum dg_rc rc;

	*unsealer = (struct dg_unsealer){.get = get, .arg = arg};
	dg_buf_init(&unsealer->in, OUT_MAX);
	dg_buf_init(&unsealer->chunk, DG_SEALED_CHUNK_MAX + 1);
	make_head(kind, unsealer->head);
	rc = get_bytes(unsealer, &unsealer->in, ALL, &got, err);
	if (rc == DG_OK && got < ALL)
		rc = dg_error_set(err, DG_ERR_NOT_FOUND, "it ends too early");
	if (rc != DG_OK)
		return rc;
	found = (const unsigned char *)dg_buf_peek(&unsealer->in).data;
	rc = check_head(found, unsealer->head, err);
	if (rc == DG_OK &&
	    crypto_secretstream_xchacha20poly1305_init_pull(
		    &unsealer->state, found + DG_SEALED_HEAD, key->bytes) != 0)
		rc = dg_error_set(err, DG_ERR_INVALID, "its header is damaged");
	return rc;
}

/* What was sealed, into chunk. */
static enum dg_rc
open_chunk(struct dg_unsealer *unsealer, size_t sealed, struct dg_error *err)
{
	struct dg_str in = dg_buf_peek(&unsealer->in);
	unsigned long long len = 0;
	unsigned char tag = 0;
	char *room;

	dg_buf_clear(&unsealer->chunk);
	if (dg_buf_reserve(&unsealer->chunk, sealed - ADDED_BYTES + 1, &room) !=
	    DG_OK)
		return dg_error_set(err, DG_ERR_LIMIT, "no memory");
	if (crypto_secretstream_xchacha20poly1305_pull(
		    &unsealer->state, (unsigned char *)room, &len, &tag,
		    (const unsigned char *)in.data, sealed, unsealer->head,
		    sizeof(unsealer->head)) != 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "it was not written with this key, or was "
				    "changed since");
	dg_buf_commit(&unsealer->chunk, (size_t)len);
	unsealer->is_over =
		tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	return DG_OK;
}

/* Behind the last chunk there is nothing. */
static enum dg_rc
check_end(struct dg_unsealer *unsealer, struct dg_error *err)
{
	size_t got = 0;
	enum dg_rc rc = get_bytes(unsealer, &unsealer->in, 1, &got, err);

	if (rc == DG_OK && got > 0)
		rc = dg_error_set(err, DG_ERR_INVALID,
				  "there is something behind its end");
	return rc;
}

enum dg_rc
dg_unsealer_next(struct dg_unsealer *unsealer, char **chunk_out,
		 size_t *len_out, bool *at_end_out, struct dg_error *err)
{
	size_t got = 0;
	size_t sealed;
	enum dg_rc rc;

	*at_end_out = unsealer->is_over;
	if (unsealer->is_over)
		return check_end(unsealer, err);
	rc = get_bytes(unsealer, &unsealer->in, LENGTH_BYTES, &got, err);
	if (rc != DG_OK)
		return rc;
	if (got < LENGTH_BYTES)
		return dg_error_set(err, DG_ERR_NOT_FOUND, "it ends too early");
	sealed =
		get_u32((const unsigned char *)dg_buf_peek(&unsealer->in).data);
	if (sealed < ADDED_BYTES || sealed - ADDED_BYTES > DG_SEALED_CHUNK_MAX)
		return dg_error_set(err, DG_ERR_INVALID,
				    "a part of it has an impossible length");
	rc = get_bytes(unsealer, &unsealer->in, sealed, &got, err);
	if (rc == DG_OK && got < sealed)
		rc = dg_error_set(err, DG_ERR_NOT_FOUND, "it ends too early");
	if (rc == DG_OK)
		rc = open_chunk(unsealer, sealed, err);
	if (rc != DG_OK)
		return rc;
	*len_out = dg_buf_len(&unsealer->chunk);
	*chunk_out = unsealer->chunk.data + unsealer->chunk.head;
	return DG_OK;
}

void
dg_unsealer_close(struct dg_unsealer *unsealer)
{
	if (unsealer->chunk.data != NULL)
		dg_wipe(unsealer->chunk.data, unsealer->chunk.cap);
	dg_buf_fini(&unsealer->chunk);
	dg_buf_fini(&unsealer->in);
	dg_wipe(&unsealer->state, sizeof(unsealer->state));
}
