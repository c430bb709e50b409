/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_page.c - see own_page.h.
 *
 *     kind 1 | family 1 | error 2 | line 4 | column 4 | text | text
 *
 * The texts have a 16-bit length in front: the message, or property and value.
 */
#include "presto/own_page.h"

#include "presto/form.h"

enum { HEAD = 12 };

static void
put_number(unsigned char *to, uint64_t n, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		to[i] = (unsigned char)(n >> (8 * i) & 0xff);
}

static unsigned
get_number(const char *from, unsigned bytes)
{
	unsigned n = 0;

	for (unsigned i = 0; i < bytes; i++)
		n |= (unsigned)(unsigned char)from[i] << (8 * i);
	return n;
}

static enum dg_rc
put_text(struct dg_buf *out, struct dg_str s)
{
	unsigned char len[2];
	enum dg_rc rc;

	if (s.len > UINT16_MAX)
		return DG_ERR_LIMIT;
	put_number(len, s.len, 2);
	rc = dg_buf_append(out, dg_str_make((const char *)len, 2));
	return rc == DG_OK ? dg_buf_append(out, s) : rc;
}

static enum dg_rc
get_text(struct dg_str *in, struct dg_str *out)
{
	size_t len;

	if (in->len < 2)
		return DG_ERR_INVALID;
	len = get_number(in->data, 2);
	if (len > in->len - 2)
		return DG_ERR_INVALID;
	*out = dg_str_slice(*in, 2, 2 + len);
	*in = dg_str_slice(*in, 2 + len, in->len);
	return DG_OK;
}

/* Cut between characters. */
static struct dg_str
cut_message(struct dg_str message)
{
	size_t len = message.len;

	if (len <= DG_OWN_MESSAGE_MAX)
		return message;
	len = DG_OWN_MESSAGE_MAX;
	while (len > 0 && ((unsigned char)message.data[len] & 0xc0) == 0x80)
		len--;
	return dg_str_slice(message, 0, len);
}

enum dg_rc
dg_own_page_encode(const struct dg_own_page *page, struct dg_buf *out)
{
	bool failed = page->kind == DG_OWN_FAILED;
	unsigned char head[HEAD];
	enum dg_rc rc;

	head[0] = (unsigned char)page->kind;
	head[1] = (unsigned char)page->family;
	put_number(head + 2, failed ? page->failure.error : 0, 2);
	put_number(head + 4, failed ? page->failure.line : 0, 4);
	put_number(head + 8, failed ? page->failure.column : 0, 4);
	rc = dg_buf_append(out, dg_str_make((const char *)head, HEAD));
	if (rc == DG_OK)
		rc = put_text(out, failed ? cut_message(page->failure.message)
					  : page->property);
	if (rc == DG_OK)
		rc = put_text(out, failed ? DG_STR_EMPTY : page->value);
	return rc;
}

enum dg_rc
dg_own_page_decode(struct dg_str bytes, struct dg_own_page *page_out)
{
	struct dg_own_page page = {0};
	struct dg_str texts[2];
	unsigned error;

	if (bytes.len < HEAD || bytes.data[0] > DG_OWN_RESET_SESSION ||
	    bytes.data[1] > DG_FAMILY_PRESTO)
		return DG_ERR_INVALID;
	page.kind = (enum dg_own_kind)bytes.data[0];
	page.family = (enum dg_family)bytes.data[1];
	error = get_number(bytes.data + 2, 2);
	if (!dg_query_error_is_known(error))
		return DG_ERR_INVALID;
	page.failure.error = (enum dg_query_error)error;
	page.failure.line = get_number(bytes.data + 4, 4);
	page.failure.column = get_number(bytes.data + 8, 4);
	bytes = dg_str_slice(bytes, HEAD, bytes.len);
	if (get_text(&bytes, &texts[0]) != DG_OK ||
	    get_text(&bytes, &texts[1]) != DG_OK || bytes.len != 0)
		return DG_ERR_INVALID;
	if (page.kind == DG_OWN_FAILED)
		page.failure.message = texts[0];
	else
		page.property = texts[0];
	page.value = texts[1];
	*page_out = page;
	return DG_OK;
}

/* "X-Trino-Set-Session: name=value" or "X-Trino-Clear-Session: name". */
static enum dg_rc
make_header(const struct dg_own_page *page, struct dg_arena *arena,
	    struct dg_http_header *header_out)
{
	bool set = page->kind == DG_OWN_SET_SESSION;
	struct dg_buf value;
	enum dg_rc rc;

	dg_buf_init(&value, 8192);
	rc = dg_buf_append(&value, page->property);
	if (rc == DG_OK && set)
		rc = dg_buf_append_char(&value, '=');
	if (rc == DG_OK && set)
		rc = dg_form_encode(page->value, &value);
	if (rc == DG_OK) {
		header_out->name = dg_arena_printf(arena, "X-%s-%s-Session",
						   dg_family_name(page->family),
						   set ? "Set" : "Clear");
		header_out->value = dg_arena_str(arena, dg_buf_peek(&value));
		if (header_out->name.data == NULL ||
		    header_out->value.data == NULL)
			rc = DG_ERR_LIMIT;
	}
	dg_buf_fini(&value);
	return rc;
}

enum dg_rc
dg_own_page_render(const struct dg_own_page *page, struct dg_str id,
		   struct dg_str base, struct dg_arena *arena,
		   struct dg_buf *body_out, struct dg_http_header *header_out,
		   size_t *n_headers_out)
{
	enum dg_rc rc;

	*n_headers_out = 0;
	switch (page->kind) {
	case DG_OWN_FAILED:
		return dg_reply_failed(page->family, id, base, &page->failure,
				       body_out);
	case DG_OWN_SET_SESSION:
	case DG_OWN_RESET_SESSION:
		rc = make_header(page, arena, header_out);
		if (rc != DG_OK)
			return rc;
		*n_headers_out = 1;
		return dg_reply_session_done(page->family, id, base,
					     page->kind == DG_OWN_SET_SESSION
						     ? "SET SESSION"
						     : "RESET SESSION",
					     body_out);
	}
	return DG_ERR_INTERNAL;
}
