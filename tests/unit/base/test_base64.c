/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_base64.c - RFC 4648's vectors, every length, and what must be refused.
 */
#include "base/base64.h"

#include "test_support.h"

static const struct {
	const char *plain;
	const char *encoded;
	const char *encoded_url;
} vectors[] = {
	{"", "", ""},
	{"f", "Zg==", "Zg"},
	{"fo", "Zm8=", "Zm8"},
	{"foo", "Zm9v", "Zm9v"},
	{"foob", "Zm9vYg==", "Zm9vYg"},
	{"fooba", "Zm9vYmE=", "Zm9vYmE"},
	{"foobar", "Zm9vYmFy", "Zm9vYmFy"},
	{"\xFB\xFF\xFE", "+//+", "-__-"},
	{"user:pa:ss", "dXNlcjpwYTpzcw==", "dXNlcjpwYTpzcw"},
};

static void
test_vectors(void **state)
{
	char out[64];
	size_t len;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(vectors); i++) {
		struct dg_str plain = dg_str_from_cstr(vectors[i].plain);
		struct dg_str text;

		len = dg_base64_encode(plain, false, out);
		assert_int_equal(len, dg_base64_encoded_len(plain.len, false));
		assert_str(dg_str_make(out, len), vectors[i].encoded);
		len = dg_base64_encode(plain, true, out);
		assert_int_equal(len, dg_base64_encoded_len(plain.len, true));
		assert_str(dg_str_make(out, len), vectors[i].encoded_url);

		text = dg_str_from_cstr(vectors[i].encoded);
		assert_int_equal(dg_base64_decode(text, false, out, &len),
				 DG_OK);
		assert_true(dg_str_eq(dg_str_make(out, len), plain));
		text = dg_str_from_cstr(vectors[i].encoded_url);
		assert_int_equal(dg_base64_decode(text, true, out, &len),
				 DG_OK);
		assert_true(dg_str_eq(dg_str_make(out, len), plain));
	}
}

static const struct {
	const char *text;
	bool url;
} refused[] = {
	{"Zg", false},       /* padding missing */
	{"Zg=", false},      /* padding short */
	{"Zg=", true},       /* padding short */
	{"Z", true},         /* six bits */
	{"Zg===", true},     /* padding long */
	{"====", true},      /* only padding */
	{"=", true},         /* only padding */
	{"Zh==", false},     /* bits left over */
	{"Zm9=", false},     /* bits left over */
	{"Zh", true},        /* bits left over */
	{"Zg==Zg==", false}, /* padding inside */
	{"Zm 9", false},     /* white space */
	{"Zm9v\n", false},   /* white space */
	{"Zm-v", false},     /* other alphabet */
	{"Zm+v", true},      /* other alphabet */
	{"Zm\xFF", true},
};

static void
test_refused(void **state)
{
	char out[64];
	size_t len = 777;

	(void)state;
	for (size_t i = 0; i < DG_ARRAY_LEN(refused); i++) {
		struct dg_str text = dg_str_from_cstr(refused[i].text);

		assert_int_equal(
			dg_base64_decode(text, refused[i].url, out, &len),
			DG_ERR_INVALID);
		assert_int_equal(len, 777);
	}
	assert_int_equal(dg_base64_decode(DG_STR("Zg\0="), false, out, &len),
			 DG_ERR_INVALID);
}

/* Buffers of exactly the promised size: a sanitizer sees one byte more. */
static void
test_every_length(void **state)
{
	(void)state;
	for (size_t n = 0; n < 70; n++) {
		for (int url = 0; url < 2; url++) {
			size_t text_len = dg_base64_encoded_len(n, url != 0);
			size_t len;
			char *in = test_calloc(n + 1, 1);
			char *text = test_calloc(text_len + 1, 1);
			char *out = test_calloc(
				dg_base64_decoded_max(text_len) + 1, 1);

			for (size_t i = 0; i < n; i++)
				in[i] = (char)(i * 37 + n);
			assert_int_equal(dg_base64_encode(dg_str_make(in, n),
							  url != 0, text),
					 text_len);
			assert_int_equal(
				dg_base64_decode(dg_str_make(text, text_len),
						 url != 0, out, &len),
				DG_OK);
			assert_int_equal(len, n);
			assert_memory_equal(in, out, n);
			test_free(in);
			test_free(text);
			test_free(out);
		}
	}
}

/* With padding, url text is accepted too. */
static void
test_url_with_padding(void **state)
{
	char out[8];
	size_t len;

	(void)state;
	assert_int_equal(dg_base64_decode(DG_STR("Zg=="), true, out, &len),
			 DG_OK);
	assert_str(dg_str_make(out, len), "f");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_url_with_padding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
