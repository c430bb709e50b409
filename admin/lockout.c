/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lockout.c - see lockout.h. Looked up by walking the table: a thousand short
 * comparisons, once a request of people and scripts.
 */
#include "lockout.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

static void
address_of(const char *peer, char out[48])
{
	struct dg_str text = dg_str_from_cstr(peer);
	char host[48] = "";
	struct in6_addr v6;

	if (text.len > 0 && text.data[0] == '[')
		text = dg_str_slice(text, 1, dg_str_find(text, ']', 0));
	else
		text = dg_str_slice(text, 0, dg_str_find(text, ':', 0));
	(void)snprintf(host, sizeof(host), "%.*s", DG_STR_ARG(text));
	if (inet_pton(AF_INET6, host, &v6) == 1) {
		memset(v6.s6_addr + 8, 0, 8);
		(void)inet_ntop(AF_INET6, &v6, host, sizeof(host));
	}
	memcpy(out, host, sizeof(host));
}

/* The entry of the address; NULL when it has none. */
static struct dg_api_lockout_entry *
find(struct dg_api_lockout *lockout, const char *address)
{
	for (size_t i = 0; i < API_LOCKOUT_SLOTS; i++)
		if (strcmp(lockout->entries[i].address, address) == 0)
			return &lockout->entries[i];
	return NULL;
}

/* A free one, or the one not seen for longest. */
static struct dg_api_lockout_entry *
make(struct dg_api_lockout *lockout, const char *address)
{
	struct dg_api_lockout_entry *oldest = &lockout->entries[0];

	for (size_t i = 1; i < API_LOCKOUT_SLOTS; i++)
		if (lockout->entries[i].seen_ms < oldest->seen_ms)
			oldest = &lockout->entries[i];
	*oldest = (struct dg_api_lockout_entry){.n_bad = 0};
	(void)snprintf(oldest->address, sizeof(oldest->address), "%s", address);
	return oldest;
}

uint64_t
dg_api_lockout_left_ms(struct dg_api_lockout *lockout, const char *peer,
		       uint64_t now_ms)
{
	struct dg_api_lockout_entry *entry;
	char address[48];

	address_of(peer, address);
	entry = find(lockout, address);
	return entry != NULL && entry->until_ms > now_ms
		       ? entry->until_ms - now_ms
		       : 0;
}

bool
dg_api_lockout_note_bad(struct dg_api_lockout *lockout, const char *peer,
			uint64_t now_ms)
{
	struct dg_api_lockout_entry *entry;
	char address[48];
	uint64_t lock_ms = API_LOCKOUT_FIRST_MS;

	address_of(peer, address);
	entry = find(lockout, address);
	if (entry == NULL)
		entry = make(lockout, address);
	entry->seen_ms = now_ms;
	if (entry->n_bad == 0 ||
	    now_ms - entry->since_ms > API_LOCKOUT_WINDOW_MS) {
		entry->n_bad = 0;
		entry->since_ms = now_ms;
	}
	entry->n_bad++;
	if (entry->n_bad < API_LOCKOUT_BAD_MAX)
		return false;
	for (unsigned i = 0;
	     i < entry->n_locked && lock_ms < API_LOCKOUT_MOST_MS; i++)
		lock_ms *= 2;
	if (lock_ms > API_LOCKOUT_MOST_MS)
		lock_ms = API_LOCKOUT_MOST_MS;
	entry->n_locked++;
	entry->n_bad = 0;
	entry->until_ms = now_ms + lock_ms;
	return true;
}

void
dg_api_lockout_note_good(struct dg_api_lockout *lockout, const char *peer)
{
	struct dg_api_lockout_entry *entry;
	char address[48];

	address_of(peer, address);
	entry = find(lockout, address);
	if (entry != NULL)
		*entry = (struct dg_api_lockout_entry){.n_bad = 0};
}
