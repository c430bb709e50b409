/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list.h - intrusive doubly linked lists.
 *
 * A link is embedded in the object; a list is a ring around its head. A link
 * that is in no list points to itself (dg_list_is_linked is false), so that
 * fini functions can assert it.
 */
#ifndef DG_BASE_LIST_H
#define DG_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct dg_list {
	struct dg_list *next;
	struct dg_list *prev;
};

static inline void
dg_list_init(struct dg_list *link)
{
	link->next = link;
	link->prev = link;
}

static inline bool
dg_list_is_linked(const struct dg_list *link)
{
	return link->next != link;
}

static inline bool
dg_list_is_empty(const struct dg_list *head)
{
	return head->next == head;
}

static inline void
dg_list_append(struct dg_list *head, struct dg_list *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

static inline void
dg_list_prepend(struct dg_list *head, struct dg_list *link)
{
	dg_list_append(head->next, link);
}

static inline void
dg_list_remove(struct dg_list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	dg_list_init(link);
}

#define DG_CONTAINER_OF(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Safe against removal of the current link. */
#define DG_LIST_FOREACH(it, tmp, head) \
	for ((it) = (head)->next, (tmp) = (it)->next; (it) != (head); \
	     (it) = (tmp), (tmp) = (it)->next)

#endif
