/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.c - see answer.h.
 */
#include "presto/answer.h"

#include <sodium.h>

#include "base/assert.h"

const char *
dg_decision_name(enum dg_decision decision)
{
	switch (decision) {
	case DG_DECISION_ALLOWED:
		return "allowed";
	case DG_DECISION_DENIED:
		return "denied";
	case DG_DECISION_INVALID:
		return "invalid";
	case DG_DECISION_UNSUPPORTED:
		return "unsupported";
	case DG_DECISION_ERROR:
		return "error";
	case DG_DECISION_ANSWERED:
		return "answered";
	}
	DG_UNREACHABLE();
}

void
dg_statement_make_id(char id_out[DG_STATEMENT_ID_MAX])
{
	unsigned char bytes[10];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(id_out, DG_STATEMENT_ID_MAX, bytes, sizeof(bytes));
}

void
dg_answer_text(struct dg_http_exchange *x, unsigned status, struct dg_str line)
{
	static const struct dg_http_header headers[] = {
		{DG_STR_INIT("Cache-Control"), DG_STR_INIT("no-store")},
		{DG_STR_INIT("X-Content-Type-Options"), DG_STR_INIT("nosniff")},
		/* With 503 only, which is always worth another try. */
		{DG_STR_INIT("Retry-After"), DG_STR_INIT("1")},
	};
	size_t n_headers = DG_ARRAY_LEN(headers) - (status == 503 ? 0 : 1);
	char text[DG_ERROR_TEXT_MAX];
	size_t n = line.len < sizeof(text) ? line.len : sizeof(text);

	for (size_t i = 0; i < n; i++)
		text[i] =
			(unsigned char)line.data[i] < ' ' ? ' ' : line.data[i];
	dg_http_reply_simple(x, status, NULL, headers, n_headers,
			     DG_STR("text/plain; charset=utf-8"),
			     dg_str_make(text, n));
}

void
dg_answer_page_headers(struct dg_http_header out[DG_PAGE_HEADERS])
{
	out[0] = (struct dg_http_header){DG_STR("Content-Type"),
					 DG_STR("application/json")};
	out[1] = (struct dg_http_header){DG_STR("Cache-Control"),
					 DG_STR("no-store")};
	out[2] = (struct dg_http_header){DG_STR("X-Content-Type-Options"),
					 DG_STR("nosniff")};
}

void
dg_answer_page(struct dg_http_exchange *x, const struct dg_http_header *headers,
	       size_t n_headers, struct dg_str body)
{
	struct dg_http_header all[DG_PAGE_HEADERS + 8];

	DG_ASSERT(n_headers <= 8);
	dg_answer_page_headers(all);
	for (size_t i = 0; i < n_headers; i++)
		all[DG_PAGE_HEADERS + i] = headers[i];
	/* The content type is an argument of reply_simple. */
	dg_http_reply_simple(x, 200, NULL, all + 1,
			     DG_PAGE_HEADERS - 1 + n_headers, all[0].value,
			     body);
}

void
dg_answer_own(struct dg_http_exchange *x, const struct dg_own_page *page,
	      struct dg_str id, struct dg_str base)
{
	struct dg_http_header header;
	struct dg_buf body;
	size_t n_headers;
	enum dg_rc rc;

	dg_buf_init(&body, 64 << 10);
	rc = dg_own_page_render(page, id, base, dg_http_exchange_arena(x),
				&body, &header, &n_headers);
	if (rc == DG_OK)
		dg_answer_page(x, &header, n_headers, dg_buf_peek(&body));
	else
		dg_answer_text(x, 500, DG_STR("The reply does not fit"));
	dg_buf_fini(&body);
}

void
dg_answer_nothing(struct dg_http_exchange *x)
{
	dg_http_reply_begin(x, 204, NULL, NULL, 0, 0);
	dg_http_reply_end(x);
}
