/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate.c - the table of gates.def and how to ask it; versions as text.
 *
 * Nothing here knows what a gate stands for; whoever reads the syntax asks.
 */
#include "scan/gate.h"

#include <stdio.h>

#include "base/assert.h"

struct gate {
	const char *what;
	uint16_t since[2]; /* by dialect */
	uint16_t until[2]; /* by dialect; the first version without */
};

static const struct gate gates[] = {
#define DG_SQL_GATE(id, what, t_since, t_until, p_since, p_until) \
	{what, {t_since, p_since}, {t_until, p_until}},
#include "scan/gates.def"
#undef DG_SQL_GATE
};

bool
dg_sql_has(struct dg_sql_engine engine, enum dg_sql_gate gate)
{
	unsigned version = dg_sql_gate_version(engine);

	DG_ASSERT(gate < DG_ARRAY_LEN(gates));
	return gates[gate].since[engine.dialect] <= version &&
	       version < gates[gate].until[engine.dialect];
}

const char *
dg_sql_gate_text(enum dg_sql_gate gate)
{
	DG_ASSERT(gate < DG_ARRAY_LEN(gates));
	return gates[gate].what;
}

unsigned
dg_sql_gate_since(enum dg_sql_dialect dialect, enum dg_sql_gate gate)
{
	uint16_t since;

	DG_ASSERT(gate < DG_ARRAY_LEN(gates));
	since = gates[gate].since[dialect];
	return since == UINT16_MAX ? 0 : since;
}

/* "0.287", "476": what the engine calls its version; not 0. */
static int
put_version(char *to, size_t size, enum dg_sql_dialect dialect,
	    unsigned version)
{
	switch (dialect) {
	case DG_SQL_TRINO:
		return snprintf(to, size, "Trino %u", version);
	case DG_SQL_PRESTO:
		return snprintf(to, size, "Presto 0.%u", version);
	}
	DG_UNREACHABLE();
}

void
dg_sql_gate_explain(struct dg_sql_engine engine, enum dg_sql_gate gate,
		    char *to, size_t size)
{
	unsigned since = dg_sql_gate_since(engine.dialect, gate);
	char name[32] = "This engine";
	char first[32];

	if (engine.version != 0)
		put_version(name, sizeof(name), engine.dialect, engine.version);
	if (since > dg_sql_gate_version(engine)) {
		put_version(first, sizeof(first), engine.dialect, since);
		snprintf(to, size,
			 "%s does not read %s; %s is the first that does", name,
			 dg_sql_gate_text(gate), first);
	} else {
		snprintf(to, size, "%s does not read %s", name,
			 dg_sql_gate_text(gate));
	}
}

enum dg_rc
dg_sql_version_parse(enum dg_sql_dialect dialect, struct dg_str text,
		     unsigned *version_out)
{
	uint64_t number;
	size_t digits = 0;

	if (dialect == DG_SQL_PRESTO) {
		if (!dg_str_starts_with(text, DG_STR("0.")))
			return DG_ERR_INVALID;
		text = dg_str_slice(text, 2, text.len);
	}
	while (digits < text.len && text.data[digits] >= '0' &&
	       text.data[digits] <= '9')
		digits++;
	/* 476, 476-e.3, 0.287.1, 0.287-edge4 */
	if (digits < text.len && text.data[digits] != '-' &&
	    text.data[digits] != '.')
		return DG_ERR_INVALID;
	if (dg_str_to_u64(dg_str_slice(text, 0, digits), &number) != DG_OK ||
	    number == 0 || number >= UINT16_MAX)
		return DG_ERR_INVALID;
	*version_out = (unsigned)number;
	return DG_OK;
}
