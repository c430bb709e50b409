/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_rewrite.c - pages of a coordinator through the rewriter.
 *
 * The same bytes whole and in pieces give the same output and verdict; what
 * comes out of a complete page goes through again unchanged, and is JSON for
 * jansson where the page was.
 */
#include <jansson.h>

#include "base/assert.h"
#include "presto/rewrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_MAX = 1 << 20 };

/*
 * URIs that begin with 'd' are dropped, with 's' stop the page; so do long
 * ones, which could be too long once they are escaped again.
 */
static enum dg_rc
on_uri(void *arg, enum dg_uri_kind kind, struct dg_str uri, struct dg_buf *out)
{
	(void)arg;
	(void)kind;
	if (uri.len > 0 && uri.data[0] == 'd')
		return DG_ERR_NOT_FOUND;
	if (uri.len > 1000 || (uri.len > 0 && uri.data[0] == 's'))
		return DG_ERR_DENIED;
	return dg_buf_append(out, uri);
}

static enum dg_rc
feed(struct dg_rewriter *r, struct dg_str page, size_t piece,
     struct dg_buf *out)
{
	enum dg_rc rc = DG_OK;

	dg_buf_clear(out);
	dg_rewriter_reset(r, on_uri, NULL);
	for (size_t at = 0; at < page.len && rc == DG_OK; at += piece)
		rc = dg_rewriter_feed(r, dg_str_slice(page, at, at + piece),
				      out);
	return rc;
}

static bool
is_json(struct dg_str text)
{
	json_t *root = json_loadb(text.data, text.len, 0, NULL);

	json_decref(root);
	return root != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dg_rewriter *r;
	struct dg_page_facts facts;
	struct dg_buf whole;
	struct dg_buf split;
	struct dg_str page;
	enum dg_rc rc;

	if (size < 2)
		return 0;
	if (r == NULL)
		r = dg_rewriter_create();
	page = dg_str_make((const char *)data + 1, size - 1);
	dg_buf_init(&whole, OUT_MAX);
	dg_buf_init(&split, OUT_MAX);
	rc = feed(r, page, page.len, &whole);
	facts = *dg_rewriter_facts(r);
	DG_ASSERT(feed(r, page, 1U + data[0] % 16U, &split) == rc);
	if (rc != DG_OK)
		goto out;
	DG_ASSERT(memcmp(&facts, dg_rewriter_facts(r), sizeof(facts)) == 0);
	DG_ASSERT(dg_str_eq(dg_buf_peek(&whole), dg_buf_peek(&split)));
	if (!facts.complete)
		goto out;
	DG_ASSERT(feed(r, dg_buf_peek(&whole), 7, &split) == DG_OK);
	DG_ASSERT(dg_rewriter_facts(r)->complete);
	DG_ASSERT(dg_str_eq(dg_buf_peek(&whole), dg_buf_peek(&split)));
	DG_ASSERT(!is_json(page) || is_json(dg_buf_peek(&whole)));
out:
	dg_buf_fini(&split);
	dg_buf_fini(&whole);
	return 0;
}
