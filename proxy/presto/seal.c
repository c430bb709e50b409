/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal.c - what sealed URIs and transaction ids say, in bytes. See seal.h.
 *
 *     version 1 | flags 1 | rights 8 | started 8 | expires 8 | bytes 8
 *     | cluster | path | principal | session user | statement id | extra
 *     | changes
 *
 * Numbers are little endian, texts have a 16-bit length in front; an empty
 * session user stands for the principal.
 *
 *     version 1 | expires 8 | cluster | principal | session user | id
 *
 * is a transaction. The associated data is a purpose byte, the phase and the
 * query id: a sealed part works only in the place it was made for. Nothing here
 * knows a key; aead.c does.
 *
 * Every field is length-checked although the bytes are authentic: another
 * version of the program may have written them.
 */
#include "presto/seal.h"

#include "base/base64.h"
#include "presto/aead.h"
#include "presto/query_id.h"

enum {
	FORMAT = 1,
	BODY_MAX = 6000, /* keeps the path within DG_SEAL_PATH_MAX */
	CONTEXT_MAX = 128,
};

#define ROOT DG_STR("/v1/statement/")

_Static_assert(2 + DG_QUERY_ID_LEN_MAX <= CONTEXT_MAX,
	       "a query id fits the associated data");

static const struct dg_str phases[] = {
	[DG_SEAL_QUEUED] = DG_STR_INIT("queued"),
	[DG_SEAL_EXECUTING] = DG_STR_INIT("executing"),
	[DG_SEAL_PARTIAL] = DG_STR_INIT("partialCancel"),
	[DG_SEAL_OWN] = DG_STR_INIT("gateway"),
};

enum purpose { FOR_URI = 'U', FOR_TRANSACTION = 'T' };

/* ---- fields ------------------------------------------------------------ */

/* Writes into room of BODY_MAX bytes; what does not fit sets full. */
struct writer {
	char *at;
	char *end;
	bool full;
};

static void
put_number(struct writer *w, uint64_t n, unsigned bytes)
{
	if ((size_t)(w->end - w->at) < bytes) {
		w->full = true;
		return;
	}
	for (unsigned i = 0; i < bytes; i++)
		*w->at++ = (char)(unsigned char)(n >> (8 * i) & 0xff);
}

static void
put_text(struct writer *w, struct dg_str s)
{
	if (s.len > UINT16_MAX || (size_t)(w->end - w->at) < s.len + 2) {
		w->full = true;
		return;
	}
	put_number(w, s.len, 2);
	if (s.len > 0)
		memcpy(w->at, s.data, s.len);
	w->at += s.len;
}

static enum dg_rc
get_number(struct dg_str *in, unsigned bytes, uint64_t *n_out)
{
	uint64_t n = 0;

	if (in->len < bytes)
		return DG_ERR_INVALID;
	for (unsigned i = 0; i < bytes; i++)
		n |= (uint64_t)(unsigned char)in->data[i] << (8 * i);
	*in = dg_str_slice(*in, bytes, in->len);
	*n_out = n;
	return DG_OK;
}

static enum dg_rc
get_signed(struct dg_str *in, int64_t *n_out)
{
	uint64_t n;
	enum dg_rc rc = get_number(in, 8, &n);

	if (rc == DG_OK)
		*n_out = (int64_t)n;
	return rc;
}

static enum dg_rc
get_text(struct dg_str *in, struct dg_str *out)
{
	uint64_t len;
	enum dg_rc rc = get_number(in, 2, &len);

	if (rc != DG_OK)
		return rc;
	if (len > in->len)
		return DG_ERR_INVALID;
	*out = dg_str_slice(*in, 0, (size_t)len);
	*in = dg_str_slice(*in, (size_t)len, in->len);
	return DG_OK;
}

/* ---- URIs -------------------------------------------------------------- */

static struct dg_str
make_context(enum purpose purpose, unsigned phase, struct dg_str id,
	     char text[CONTEXT_MAX])
{
	text[0] = (char)purpose;
	text[1] = (char)phase;
	memcpy(text + 2, id.data, id.len);
	return dg_str_make(text, 2 + id.len);
}

static void
write_body(const struct dg_sealed *s, struct writer *w)
{
	bool same = dg_str_eq(s->session_user, s->principal);

	put_number(w, FORMAT, 1);
	put_number(w, s->flags, 1);
	put_number(w, s->rights, 8);
	put_number(w, (uint64_t)s->started_us, 8);
	put_number(w, (uint64_t)s->expires_us, 8);
	put_number(w, s->bytes, 8);
	put_text(w, s->cluster);
	put_text(w, s->path);
	put_text(w, s->principal);
	put_text(w, same ? DG_STR_EMPTY : s->session_user);
	put_text(w, s->statement_id);
	put_text(w, s->extra);
	put_text(w, s->changes);
}

static enum dg_rc
read_body(struct dg_str in, struct dg_sealed *out)
{
	int64_t *const numbers[] = {
		&out->started_us,
		&out->expires_us,
	};
	struct dg_str *const texts[] = {
		&out->cluster,      &out->path,         &out->principal,
		&out->session_user, &out->statement_id, &out->extra,
		&out->changes,
	};
	uint64_t format;
	uint64_t flags;
	enum dg_rc rc;

	rc = get_number(&in, 1, &format);
	if (rc == DG_OK && format != FORMAT)
		rc = DG_ERR_INVALID;
	if (rc == DG_OK)
		rc = get_number(&in, 1, &flags);
	if (rc != DG_OK)
		return rc;
	out->flags = (uint8_t)flags;
	rc = get_number(&in, 8, &out->rights);
	for (size_t i = 0; i < DG_ARRAY_LEN(numbers) && rc == DG_OK; i++)
		rc = get_signed(&in, numbers[i]);
	if (rc == DG_OK)
		rc = get_number(&in, 8, &out->bytes);
	for (size_t i = 0; i < DG_ARRAY_LEN(texts) && rc == DG_OK; i++)
		rc = get_text(&in, texts[i]);
	if (rc == DG_OK && in.len != 0)
		rc = DG_ERR_INVALID;
	if (rc == DG_OK && out->session_user.len == 0)
		out->session_user = out->principal;
	return rc;
}

/* Seals message and appends it as base64url. */
static enum dg_rc
append_sealed(const struct dg_keyring *ring, struct dg_str context,
	      struct dg_str message, struct dg_buf *out)
{
	char sealed[BODY_MAX + DG_AEAD_OVERHEAD];
	size_t n = dg_aead_seal(ring, context, message, sealed);
	size_t len = dg_base64_encoded_len(n, true);
	char *room;
	enum dg_rc rc = dg_buf_reserve(out, len, &room);

	if (rc != DG_OK)
		return rc;
	dg_base64_encode(dg_str_make(sealed, n), true, room);
	dg_buf_commit(out, len);
	return DG_OK;
}

/* "/v1/statement/<phase>/<queryId>/" */
static enum dg_rc
append_place(const struct dg_sealed *sealed, struct dg_buf *out)
{
	const struct dg_str parts[] = {ROOT, phases[sealed->phase], DG_STR("/"),
				       sealed->query_id, DG_STR("/")};
	enum dg_rc rc = DG_OK;

	for (size_t i = 0; i < DG_ARRAY_LEN(parts) && rc == DG_OK; i++)
		rc = dg_buf_append(out, parts[i]);
	return rc;
}

enum dg_rc
dg_seal_uri(const struct dg_keyring *ring, const struct dg_sealed *sealed,
	    struct dg_buf *out)
{
	char context[CONTEXT_MAX];
	char body[BODY_MAX];
	struct writer w = {body, body + sizeof(body), false};
	size_t start = dg_buf_len(out);
	enum dg_rc rc;

	if (!dg_query_id_is_valid(sealed->query_id))
		return DG_ERR_INVALID;
	write_body(sealed, &w);
	rc = w.full ? DG_ERR_LIMIT : append_place(sealed, out);
	if (rc == DG_OK)
		rc = append_sealed(ring,
				   make_context(FOR_URI, sealed->phase,
						sealed->query_id, context),
				   dg_str_make(body, (size_t)(w.at - body)),
				   out);
	if (rc == DG_OK && dg_buf_len(out) - start > DG_SEAL_PATH_MAX)
		rc = DG_ERR_LIMIT;
	if (rc != DG_OK)
		dg_buf_truncate(out, start);
	return rc;
}

static bool
find_phase(struct dg_str name, enum dg_seal_phase *phase_out)
{
	for (unsigned i = 0; i < DG_ARRAY_LEN(phases); i++) {
		if (dg_str_eq(phases[i], name)) {
			*phase_out = (enum dg_seal_phase)i;
			return true;
		}
	}
	return false;
}

/* base64url to bytes in the arena, opened. */
static enum dg_rc
open_sealed(const struct dg_keyring *ring, struct dg_str context,
	    struct dg_str text, struct dg_arena *arena, struct dg_str *out)
{
	char *bytes;
	char *plain;
	size_t n;
	enum dg_rc rc;

	if (text.len == 0 || text.len > DG_SEAL_PATH_MAX)
		return DG_ERR_INVALID;
	bytes = dg_arena_alloc(arena, dg_base64_decoded_max(text.len));
	plain = dg_arena_alloc(arena, dg_base64_decoded_max(text.len));
	if (bytes == NULL || plain == NULL)
		return DG_ERR_LIMIT;
	rc = dg_base64_decode(text, true, bytes, &n);
	if (rc == DG_OK)
		rc = dg_aead_open(ring, context, dg_str_make(bytes, n), plain,
				  &n);
	if (rc == DG_OK)
		*out = dg_str_make(plain, n);
	return rc;
}

enum dg_rc
dg_unseal_uri(const struct dg_keyring *ring, struct dg_str path, int64_t now_us,
	      struct dg_arena *arena, struct dg_sealed *sealed_out)
{
	char context[CONTEXT_MAX];
	struct dg_sealed s = {0};
	struct dg_str phase;
	struct dg_str body;
	enum dg_rc rc;

	if (!dg_str_starts_with(path, ROOT))
		return DG_ERR_NOT_FOUND;
	path = dg_str_slice(path, ROOT.len, path.len);
	if (!dg_str_split(&path, '/', &phase) || !find_phase(phase, &s.phase) ||
	    !dg_str_split(&path, '/', &s.query_id) ||
	    !dg_query_id_is_valid(s.query_id))
		return DG_ERR_NOT_FOUND;
	rc = open_sealed(ring,
			 make_context(FOR_URI, s.phase, s.query_id, context),
			 path, arena, &body);
	if (rc != DG_OK)
		return rc;
	rc = read_body(body, &s);
	if (rc != DG_OK)
		return rc;
	*sealed_out = s;
	return now_us >= s.expires_us ? DG_ERR_TIMEOUT : DG_OK;
}

/* ---- transactions ------------------------------------------------------ */

enum dg_rc
dg_seal_transaction(const struct dg_keyring *ring,
		    const struct dg_sealed_transaction *sealed,
		    struct dg_buf *out)
{
	char context[CONTEXT_MAX];
	char body[BODY_MAX];
	struct writer w = {body, body + sizeof(body), false};

	put_number(&w, FORMAT, 1);
	put_number(&w, (uint64_t)sealed->expires_us, 8);
	put_text(&w, sealed->cluster);
	put_text(&w, sealed->principal);
	put_text(&w, sealed->session_user);
	put_text(&w, sealed->id);
	if (w.full)
		return DG_ERR_LIMIT;
	return append_sealed(
		ring, make_context(FOR_TRANSACTION, 0, DG_STR_EMPTY, context),
		dg_str_make(body, (size_t)(w.at - body)), out);
}

static enum dg_rc
read_transaction(struct dg_str in, struct dg_sealed_transaction *out)
{
	struct dg_str *const texts[] = {&out->cluster, &out->principal,
					&out->session_user, &out->id};
	uint64_t format;
	enum dg_rc rc = get_number(&in, 1, &format);

	if (rc == DG_OK && format != FORMAT)
		rc = DG_ERR_INVALID;
	if (rc == DG_OK)
		rc = get_signed(&in, &out->expires_us);
	for (size_t i = 0; i < DG_ARRAY_LEN(texts) && rc == DG_OK; i++)
		rc = get_text(&in, texts[i]);
	if (rc == DG_OK && in.len != 0)
		rc = DG_ERR_INVALID;
	return rc;
}

enum dg_rc
dg_unseal_transaction(const struct dg_keyring *ring, struct dg_str text,
		      int64_t now_us, struct dg_arena *arena,
		      struct dg_sealed_transaction *sealed_out)
{
	char context[CONTEXT_MAX];
	struct dg_str body;
	enum dg_rc rc;

	rc = open_sealed(
		ring, make_context(FOR_TRANSACTION, 0, DG_STR_EMPTY, context),
		text, arena, &body);
	if (rc == DG_OK)
		rc = read_transaction(body, sealed_out);
	if (rc != DG_OK)
		return rc;
	return now_us >= sealed_out->expires_us ? DG_ERR_TIMEOUT : DG_OK;
}
