/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal.h - URIs and transaction ids that only the gateway can make and read.
 *
 * Authenticated encryption under a key ring that all replicas share: AES-256-
 * GCM where the CPU has it, else XChaCha20-Poly1305 (the first byte says
 * which, the second is the key id). Phase, query id and method class are
 * associated data, so that a sealed part cannot be moved to another path.
 */
#ifndef DG_PROXY_PRESTO_SEAL_H
#define DG_PROXY_PRESTO_SEAL_H

#include "base/arena.h"
#include "base/buf.h"

enum dg_seal_phase {
	DG_SEAL_QUEUED, /* not started: lives 60 s */
	DG_SEAL_EXECUTING,
	DG_SEAL_PARTIAL, /* partialCancelUri: DELETE only */
	DG_SEAL_OWN,     /* answered by the gateway: denials, SET SESSION */
};

enum dg_seal_flag {
	DG_SEAL_READ_ONLY = 1 << 0, /* a first GET may be repeated elsewhere */
	DG_SEAL_CHECKED = 1 << 1,   /* cross-check done (or not needed) */
	DG_SEAL_STARTED = 1 << 2,   /* a GET went upstream before */
};

struct dg_sealed {
	enum dg_seal_phase phase;
	uint8_t flags;
	struct dg_str
		query_id; /* visible in the path, authenticated; [a-z0-9_]+ */
	struct dg_str cluster;
	struct dg_str path; /* upstream path and query */
	struct dg_str principal;
	struct dg_str session_user;
	struct dg_str statement_id; /* ours, for audit */
	uint64_t rights; /* dg_acl_fingerprint they were decided by */
	int64_t started_us;
	int64_t expires_us;
	uint64_t bytes; /* of result relayed so far, for audit */
	struct dg_str
		extra; /* OWN: the page to show; checks: see cross_check */
	struct dg_str changes; /* tables to forget: metadata/changes.h */
};

/* Longest path; the engines' clients were measured with 7,874 characters. */
#define DG_SEAL_PATH_MAX 7800

struct dg_keyring;
/*
 * lines: "ID BASE64KEY" (32 bytes), first = the one that seals, all accepted.
 */
enum dg_rc dg_keyring_parse(struct dg_str lines, struct dg_keyring **out,
			    struct dg_error *err) DG_MUST_CHECK;
/* A random key, for a single replica without a configured ring. */
struct dg_keyring *dg_keyring_random(void);
void dg_keyring_destroy(struct dg_keyring **ring);

/*
 * Appends "/v1/statement/<phase>/<queryId>/<sealed>" to out. INVALID for a
 * query id of other characters, LIMIT when it would be too long.
 */
enum dg_rc dg_seal_uri(const struct dg_keyring *ring,
		       const struct dg_sealed *sealed,
		       struct dg_buf *out) DG_MUST_CHECK;
/*
 * Reads a path of ours. NOT_FOUND: not of that form; INVALID: forged, altered
 * or under an unknown key; TIMEOUT: expired (sealed is filled).
 */
enum dg_rc dg_unseal_uri(const struct dg_keyring *ring, struct dg_str path,
			 int64_t now_us, struct dg_arena *arena,
			 struct dg_sealed *sealed_out) DG_MUST_CHECK;

/*
 * A transaction of an engine, as the client carries it in a header. It is told
 * once, so it lives for long, and is no younger for being used.
 */
struct dg_sealed_transaction {
	struct dg_str cluster;
	struct dg_str principal;
	struct dg_str session_user;
	struct dg_str id; /* the engine's */
	int64_t expires_us;
};

/* Appends text that is printable, without a comma, and never "NONE". */
enum dg_rc dg_seal_transaction(const struct dg_keyring *ring,
			       const struct dg_sealed_transaction *sealed,
			       struct dg_buf *out) DG_MUST_CHECK;
/* INVALID or TIMEOUT as dg_unseal_uri. */
enum dg_rc
dg_unseal_transaction(const struct dg_keyring *ring, struct dg_str text,
		      int64_t now_us, struct dg_arena *arena,
		      struct dg_sealed_transaction *sealed_out) DG_MUST_CHECK;

#endif
