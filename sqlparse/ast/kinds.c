/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kinds.c - the table of kinds.def as data: names and slots.
 */
#include "ast/ast.h"

#include "base/assert.h"

static const char *const kind_names[] = {
#define DG_SQL_KIND(kind, dump) dump,
#define DG_SQL_SLOT(kind, slot, dump)
#define DG_SQL_END(kind)
#include "ast/kinds.def"
#undef DG_SQL_KIND
#undef DG_SQL_SLOT
#undef DG_SQL_END
};

static const unsigned kind_slots[] = {
#define DG_SQL_KIND(kind, dump) DG_SQL_SLOTS_OF_##kind,
#define DG_SQL_SLOT(kind, slot, dump)
#define DG_SQL_END(kind)
#include "ast/kinds.def"
#undef DG_SQL_KIND
#undef DG_SQL_SLOT
#undef DG_SQL_END
};

/* clang-format off */
static const char *const slot_names[][8] = {
#define DG_SQL_KIND(kind, dump) [DG_SQL_K_##kind] = {
#define DG_SQL_SLOT(kind, slot, dump) dump,
#define DG_SQL_END(kind) NULL},
#include "ast/kinds.def"
#undef DG_SQL_KIND
#undef DG_SQL_SLOT
#undef DG_SQL_END
};
/* clang-format on */

const char *
dg_sql_kind_name(enum dg_sql_kind kind)
{
	DG_ASSERT(kind < DG_SQL_K_COUNT);
	return kind_names[kind];
}

unsigned
dg_sql_kind_slots(enum dg_sql_kind kind)
{
	DG_ASSERT(kind < DG_SQL_K_COUNT);
	return kind_slots[kind];
}

const char *
dg_sql_slot_name(enum dg_sql_kind kind, unsigned slot)
{
	DG_ASSERT(slot < dg_sql_kind_slots(kind));
	return slot_names[kind][slot];
}
