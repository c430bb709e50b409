/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_seal.c - paths from clients, and what sealed parts carry.
 *
 * No input is ever unsealed by itself; fields cut from the input come out of a
 * sealed URI as they went in; bytes read as a page of our own are refused or
 * encode to the same bytes.
 */
#include "base/assert.h"
#include "presto/aead.h"
#include "presto/own_page.h"
#include "presto/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 1 << 20 };

/* The next field: as many bytes as its first byte says. */
static struct dg_str
take(struct dg_str *in)
{
	struct dg_str field;
	size_t n;

	if (in->len == 0)
		return DG_STR_EMPTY;
	n = (unsigned char)in->data[0];
	field = dg_str_slice(*in, 1, 1 + n);
	*in = dg_str_slice(*in, 1 + field.len, in->len);
	return field;
}

static void
round_trip(const struct dg_keyring *ring, struct dg_str in,
	   struct dg_arena *arena)
{
	struct dg_sealed sealed = {.phase = DG_SEAL_EXECUTING,
				   .expires_us = INT64_MAX};
	struct dg_sealed out;
	struct dg_buf path;

	sealed.query_id = take(&in);
	sealed.cluster = take(&in);
	sealed.path = take(&in);
	sealed.principal = take(&in);
	sealed.session_user = take(&in);
	sealed.extra = in;
	sealed.changes = dg_str_slice(in, in.len / 2, in.len);
	dg_buf_init(&path, DG_SEAL_PATH_MAX + 100);
	if (dg_seal_uri(ring, &sealed, &path) == DG_OK) {
		DG_ASSERT(dg_unseal_uri(ring, dg_buf_peek(&path), 0, arena,
					&out) == DG_OK);
		DG_ASSERT(dg_str_eq(out.query_id, sealed.query_id));
		DG_ASSERT(dg_str_eq(out.cluster, sealed.cluster));
		DG_ASSERT(dg_str_eq(out.path, sealed.path));
		DG_ASSERT(dg_str_eq(out.principal, sealed.principal));
		DG_ASSERT(dg_str_eq(out.extra, sealed.extra));
		DG_ASSERT(dg_str_eq(out.changes, sealed.changes));
	}
	dg_buf_fini(&path);
}

static void
read_own_page(struct dg_str in)
{
	struct dg_own_page page;
	struct dg_buf again;

	if (dg_own_page_decode(in, &page) != DG_OK ||
	    page.kind != DG_OWN_FAILED || page.value.len > 0 ||
	    page.failure.message.len > DG_OWN_MESSAGE_MAX)
		return;
	dg_buf_init(&again, in.len);
	DG_ASSERT(dg_own_page_encode(&page, &again) == DG_OK);
	DG_ASSERT(dg_str_eq(dg_buf_peek(&again), in));
	dg_buf_fini(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dg_keyring *ring;
	struct dg_arena *arena = dg_arena_create(ARENA_MAX);
	struct dg_str in = dg_str_make((const char *)data, size);
	struct dg_sealed out;
	struct dg_sealed_transaction transaction;

	if (ring == NULL)
		ring = dg_keyring_random();
	DG_ASSERT(dg_unseal_uri(ring, in, 0, arena, &out) != DG_OK);
	DG_ASSERT(dg_unseal_transaction(ring, in, 0, arena, &transaction) !=
		  DG_OK);
	round_trip(ring, in, arena);
	read_own_page(in);
	dg_arena_destroy(&arena);
	return 0;
}
