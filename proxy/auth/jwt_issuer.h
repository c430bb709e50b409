/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_issuer.h - the keys of the tokens' issuer, kept up to date.
 *
 * On the control loop, which nothing here blocks. Files are read once, at the
 * start; a JWKS URL is asked every so often, and sooner when somebody came
 * across an unknown key, but never more often than retry_ms allows. While it
 * does not answer, its keys are good for stale_ms more. A document that does
 * answer replaces all keys of the one before: what the issuer took out is out.
 */
#ifndef DG_PROXY_AUTH_JWT_ISSUER_H
#define DG_PROXY_AUTH_JWT_ISSUER_H

#include "auth/jwt_keys.h"
#include "http/client.h"

struct dg_jwt_issuer;

/*
 * The newest keys; takes no reference for the callee. Comes after each answer,
 * and after each failure to get one, with the keys that there are then.
 */
typedef void (*dg_jwt_issuer_fn)(void *arg, struct dg_jwt_keys *keys);

/* Texts are borrowed as long as the issuer lives. */
struct dg_jwt_issuer_config {
	struct dg_str url;     /* dg_jwt_url_parse; empty: files only */
	struct dg_str ca_file; /* empty: the system's */
	char *const *files;    /* dg_jwt_file_parse */
	size_t n_files;
	unsigned refresh_ms;
	unsigned retry_ms;
	unsigned stale_ms;
	unsigned timeout_ms; /* of one question */
	dg_jwt_issuer_fn on_keys;
	void *arg;
};

/* Reads the files: INVALID, IO with the reason. Asks the URL at once. */
enum dg_rc dg_jwt_issuer_create(struct dg_loop *loop,
				struct dg_upstream *upstream,
				const struct dg_jwt_issuer_config *config,
				struct dg_jwt_issuer **issuer_out,
				struct dg_error *err) DG_MUST_CHECK;
void dg_jwt_issuer_destroy(struct dg_jwt_issuer **issuer);
/*
 * Somebody holds a token by a key that is not among them. Nothing happens
 * before the next_ms of the keys that were published last.
 */
void dg_jwt_issuer_wish(struct dg_jwt_issuer *issuer);
/* Borrowed until the loop's next dispatch. */
struct dg_jwt_keys *dg_jwt_issuer_keys(struct dg_jwt_issuer *issuer);
/* Seconds since the URL answered; -1: never, or there is none. */
int64_t dg_jwt_issuer_age_s(const struct dg_jwt_issuer *issuer);

/*
 * "https://HOST[:PORT]/PATH"; "http://" for this very machine only (127.0.0.1,
 * [::1], localhost). Views into text.
 */
enum dg_rc dg_jwt_url_parse(struct dg_str text,
			    struct dg_endpoint *endpoint_out,
			    struct dg_str *target_out,
			    struct dg_error *err) DG_MUST_CHECK;
/* "PATH", or "ID PATH" for a key that tokens name by its id. */
void dg_jwt_file_parse(struct dg_str text, struct dg_str *id_out,
		       struct dg_str *path_out);

#endif
