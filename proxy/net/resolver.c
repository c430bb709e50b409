/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolver.c - see resolver.h. A name has one entry: the last answer, and who
 * waits for the next one. The job on the offload thread holds copies only; it
 * meets the entry again on the loop's thread. Jobs are the resolver's: those
 * that the pool dropped at its end are freed with it.
 */
#include "net/resolver.h"

#include <netdb.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "net/address.h"

enum {
	RESOLVER_MAGIC = 0x5265736f,
	ADDRESSES_MAX = 8,
	ENTRIES_MAX = 256,
	HOST_MAX = 255,
};

struct waiter {
	struct dg_list link; /* in entry.waiters */
	uint16_t port;
	dg_resolved_fn done;
	void *arg;
};

struct entry {
	char host[HOST_MAX + 1]; /* the key */
	struct dg_address addresses[ADDRESSES_MAX];
	size_t n;
	uint64_t fresh_until_ms;
	struct dg_list waiters; /* not empty: a job runs */
};

struct dg_resolver {
	uint32_t magic;
	struct dg_loop *loop;       /* borrowed */
	struct dg_offload *offload; /* borrowed */
	unsigned ttl_ms;
	struct dg_map entries; /* owned struct entry */
	struct dg_list jobs;   /* owned, given to the pool */
};

struct job {
	struct dg_list link;          /* in dg_resolver.jobs */
	struct dg_resolver *resolver; /* borrowed */
	char host[HOST_MAX + 1];
	struct dg_address addresses[ADDRESSES_MAX];
	size_t n;
};

struct dg_resolver *
dg_resolver_create(struct dg_loop *loop, struct dg_offload *offload,
		   unsigned ttl_ms)
{
	struct dg_resolver *resolver = DG_NEW(struct dg_resolver);

	resolver->magic = RESOLVER_MAGIC;
	resolver->loop = loop;
	resolver->offload = offload;
	resolver->ttl_ms = ttl_ms;
	dg_map_init(&resolver->entries, NULL);
	dg_list_init(&resolver->jobs);
	return resolver;
}

/* Out of the list first: a callback may ask again. */
static void
answer_waiters(struct entry *entry)
{
	struct dg_list waiting;
	enum dg_rc rc = entry->n > 0 ? DG_OK : DG_ERR_NOT_FOUND;

	dg_list_init(&waiting);
	while (!dg_list_is_empty(&entry->waiters)) {
		struct dg_list *link = entry->waiters.next;

		dg_list_remove(link);
		dg_list_append(&waiting, link);
	}
	while (!dg_list_is_empty(&waiting)) {
		struct waiter *waiter =
			DG_CONTAINER_OF(waiting.next, struct waiter, link);
		struct dg_address addresses[ADDRESSES_MAX];
		size_t n = entry->n;

		for (size_t i = 0; i < n; i++) {
			union dg_sockaddr a;

			memcpy(&a, &entry->addresses[i].storage, sizeof(a));
			if (a.any.sa_family == AF_INET)
				a.v4.sin_port = htons(waiter->port);
			else
				a.v6.sin6_port = htons(waiter->port);
			memcpy(&addresses[i].storage, &a, sizeof(a));
			addresses[i].len = entry->addresses[i].len;
		}
		dg_list_remove(&waiter->link);
		waiter->done(waiter->arg, rc, n > 0 ? addresses : NULL, n);
		dg_free(waiter);
	}
}

void
dg_resolver_destroy(struct dg_resolver **resolver)
{
	struct dg_resolver *r = *resolver;
	struct dg_map_iter iter = {0};

	if (r == NULL)
		return;
	DG_CHECK_MAGIC(r, RESOLVER_MAGIC);
	while (!dg_list_is_empty(&r->jobs)) {
		struct job *job =
			DG_CONTAINER_OF(r->jobs.next, struct job, link);

		dg_list_remove(&job->link);
		dg_free(job);
	}
	while (dg_map_next(&r->entries, &iter)) {
		struct entry *entry = iter.value;

		entry->n = 0;
		answer_waiters(entry);
		dg_free(entry);
	}
	dg_map_fini(&r->entries);
	r->magic = 0;
	dg_free(r);
	*resolver = NULL;
}

static void
on_offload_thread(void *arg)
{
	struct job *job = arg;
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				       .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *found = NULL;

	if (getaddrinfo(job->host, NULL, &hints, &found) != 0)
		return;
	for (struct addrinfo *it = found; it != NULL && job->n < ADDRESSES_MAX;
	     it = it->ai_next) {
		if (it->ai_family != AF_INET && it->ai_family != AF_INET6)
			continue;
		memcpy(&job->addresses[job->n].storage, it->ai_addr,
		       it->ai_addrlen);
		job->addresses[job->n++].len = it->ai_addrlen;
	}
	freeaddrinfo(found);
}

/* A failure is not remembered: the next request looks again. */
static void
on_looked_up(void *arg)
{
	struct job *job = arg;
	struct dg_resolver *resolver = job->resolver;
	struct entry *entry;

	DG_CHECK_MAGIC(resolver, RESOLVER_MAGIC);
	dg_list_remove(&job->link);
	entry = dg_map_get(&resolver->entries, dg_str_from_cstr(job->host));
	DG_ASSERT(entry != NULL);
	memcpy(entry->addresses, job->addresses, sizeof(entry->addresses));
	entry->n = job->n;
	entry->fresh_until_ms = dg_clock_mono_ms() + resolver->ttl_ms;
	dg_free(job);
	answer_waiters(entry);
}

static enum dg_rc
start_job(struct dg_resolver *resolver, const struct entry *entry)
{
	struct job *job = DG_NEW(struct job);
	struct dg_str host = dg_str_from_cstr(entry->host);

	memcpy(job->host, entry->host, sizeof(job->host));
	job->resolver = resolver;
	if (dg_offload_submit(resolver->offload, dg_hash(host.data, host.len),
			      on_offload_thread, on_looked_up, job,
			      resolver->loop) != DG_OK) {
		dg_free(job);
		return DG_ERR_UNAVAILABLE;
	}
	dg_list_append(&resolver->jobs, &job->link);
	return DG_OK;
}

/* NULL when there are too many names, or the name cannot be one. */
static struct entry *
entry_of(struct dg_resolver *resolver, struct dg_str host)
{
	struct entry *entry;

	if (host.len == 0 || host.len > HOST_MAX ||
	    memchr(host.data, '\0', host.len) != NULL)
		return NULL;
	entry = dg_map_get(&resolver->entries, host);
	if (entry != NULL)
		return entry;
	if (resolver->entries.count >= ENTRIES_MAX)
		return NULL;
	entry = DG_NEW(struct entry);
	memcpy(entry->host, host.data, host.len);
	dg_list_init(&entry->waiters);
	DG_ASSERT(dg_map_put(&resolver->entries, dg_str_from_cstr(entry->host),
			     entry, NULL) == DG_OK);
	return entry;
}

static void
add_waiter(struct entry *entry, uint16_t port, dg_resolved_fn done, void *arg)
{
	struct waiter *waiter = DG_NEW(struct waiter);

	*waiter = (struct waiter){.port = port, .done = done, .arg = arg};
	dg_list_append(&entry->waiters, &waiter->link);
}

void
dg_resolve(struct dg_resolver *resolver, struct dg_str host, uint16_t port,
	   dg_resolved_fn done, void *arg)
{
	union dg_sockaddr literal;
	struct dg_address address;
	struct entry *entry;

	DG_CHECK_MAGIC(resolver, RESOLVER_MAGIC);
	if (dg_address_from_literal(host, port, &literal, &address.len) ==
	    DG_OK) {
		memcpy(&address.storage, &literal, sizeof(address.storage));
		done(arg, DG_OK, &address, 1);
		return;
	}
	entry = entry_of(resolver, host);
	if (entry == NULL) {
		done(arg, DG_ERR_NOT_FOUND, NULL, 0);
		return;
	}
	if (!dg_list_is_empty(&entry->waiters)) {
		add_waiter(entry, port, done, arg);
		return;
	}
	if (entry->n == 0 || dg_clock_mono_ms() >= entry->fresh_until_ms) {
		if (start_job(resolver, entry) == DG_OK) {
			add_waiter(entry, port, done, arg);
			return;
		}
		if (entry->n == 0) {
			done(arg, DG_ERR_UNAVAILABLE, NULL, 0);
			return;
		}
	}
	/* Fresh, or stale while nobody can look again. */
	add_waiter(entry, port, done, arg);
	answer_waiters(entry);
}
