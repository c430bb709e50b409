/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_last_good.c - the policy's file and the audit spool's lines of it.
 *
 * The first byte chooses: the rest is the file as it is on disk, which nobody
 * without the key can make readable; or it is what was sealed, in chunks of a
 * few sizes, so that records and rows are reached. Whatever comes, it is read
 * to its end or refused, and a policy that was taken in can be finished or not.
 */
#include "base/assert.h"
#include "last_good.h"
#include "policy_rows.h"
#include "stream_in_memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MAX = 1 << 20, POLICY_MAX = 1 << 20, CHUNK = 512 };

/* A head that is right, then the input as records, cut where it happens. */
static void
seal(struct stream_in_memory *m, const struct dg_sealed_key *key,
     struct dg_str in)
{
	struct dg_last_good_writer w;
	struct dg_last_good about;
	struct dg_error err;

	dg_last_good_init(&about);
	about.version = 1;
	DG_ASSERT(dg_last_good_writer_open(&w, key, &about, put_in_memory, m,
					   &err) == DG_OK);
	while (in.len > CHUNK) {
		DG_ASSERT(dg_sealer_put(&w.sealer, dg_str_slice(in, 0, CHUNK),
					false, &err) == DG_OK);
		in = dg_str_slice(in, CHUNK, in.len);
	}
	DG_ASSERT(dg_sealer_put(&w.sealer, in, true, &err) == DG_OK);
	dg_last_good_writer_close(&w);
}

static enum dg_rc
read_all(struct stream_in_memory *m, const struct dg_sealed_key *key,
	 struct dg_policy_intake *in)
{
	struct dg_last_good_reader r;
	struct dg_last_good about;
	struct dg_error err;
	bool at_end = false;
	enum dg_rc rc = dg_last_good_reader_open(&r, key, get_from_memory, m,
						 &about, &err);

	if (rc == DG_OK)
		dg_policy_intake_begin(in, about.version,
				       dg_str_from_cstr(about.stamp));
	while (rc == DG_OK && !at_end) {
		size_t table;
		size_t len;
		char *line;

		rc = dg_last_good_reader_next(&r, &table, &line, &len, &at_end,
					      &err);
		if (rc == DG_OK && !at_end)
			rc = dg_policy_take_line(in, table, line, len);
	}
	dg_last_good_reader_close(&r);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dg_str in = dg_str_make((const char *)data, size);
	struct dg_store_snapshot *snapshot = NULL;
	struct dg_sealed_key key = {{1}};
	struct dg_policy_intake intake;
	struct stream_in_memory m = {.at = 0};
	bool is_raw = size > 0 && data[0] == 'f';
	enum dg_rc rc;

	if (size == 0)
		return 0;
	in = dg_str_slice(in, 1, in.len);
	dg_buf_init(&m.bytes, FILE_MAX);
	if (is_raw)
		(void)put_in_memory(&m, in.data, in.len, NULL);
	else
		seal(&m, &key, in);
	dg_policy_intake_init(&intake, POLICY_MAX);
	rc = read_all(&m, &key, &intake);
	DG_ASSERT(!is_raw || rc != DG_OK);
	if (rc == DG_OK && dg_policy_intake_finish(&intake, &snapshot) == DG_OK)
		dg_store_snapshot_unref(&snapshot);
	dg_policy_intake_fini(&intake);
	dg_buf_fini(&m.bytes);
	return 0;
}
