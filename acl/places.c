/* SPDX-License-Identifier: Apache-2.0 */
/*
 * places.c - what clusters and catalogs add to a policy: the names that a
 * cluster has for catalogs, and where a refusal is only remarked upon.
 *
 * Rules never see a cluster's own names: they are replaced where a question
 * comes in (match.c), once.
 */
#include "base/assert.h"
#include "builder.h"
#include "match.h"

enum { KEY_MAX = 512 };

/* "cluster catalog"; neither has blanks, and if: a miss is another name. */
static struct dg_str
make_key(struct dg_str cluster, struct dg_str catalog, char key[KEY_MAX])
{
	if (cluster.len + catalog.len + 1 > KEY_MAX)
		return DG_STR_EMPTY;
	memcpy(key, cluster.data, cluster.len);
	key[cluster.len] = ' ';
	memcpy(key + cluster.len + 1, catalog.data, catalog.len);
	return dg_str_make(key, cluster.len + 1 + catalog.len);
}

static enum dg_rc
keep_lower(struct dg_acl_builder *builder, struct dg_str name,
	   struct dg_str *out)
{
	struct dg_arena *arena = builder->snapshot->arena;

	*out = dg_arena_str(arena, name);
	if (out->data != NULL)
		*out = dg_acl_lower(arena, *out);
	return out->data == NULL ? DG_ERR_LIMIT : DG_OK;
}

enum dg_rc
dg_acl_map_catalog(struct dg_acl_builder *builder, struct dg_str cluster,
		   struct dg_str catalog, struct dg_str policy_name,
		   struct dg_error *err)
{
	struct dg_acl_snapshot *s = builder->snapshot;
	char bytes[KEY_MAX];
	struct dg_str *value = DG_ARENA_NEW(s->arena, struct dg_str);
	struct dg_str key;
	enum dg_rc rc;

	DG_ASSERT(!builder->modifies);
	rc = dg_acl_check_exact("cluster", cluster, false, err);
	if (rc == DG_OK)
		rc = dg_acl_check_exact("catalog", catalog, false, err);
	if (rc == DG_OK)
		rc = dg_acl_check_exact("catalog", policy_name, false, err);
	if (rc != DG_OK)
		return rc;
	key = make_key(cluster, catalog, bytes);
	if (key.len == 0)
		return dg_error_set(err, DG_ERR_INVALID,
				    "the name of the catalog is too long");
	if (value == NULL || keep_lower(builder, key, &key) != DG_OK ||
	    keep_lower(builder, policy_name, value) != DG_OK)
		return dg_acl_out_of_room(builder, err);
	if (dg_map_get(&s->catalogs, key) != NULL)
		return dg_error_set(err, DG_ERR_CONFLICT,
				    "catalog \"%.*s\" of cluster \"%.*s\" has "
				    "two names",
				    DG_STR_ARG(catalog), DG_STR_ARG(cluster));
	if (dg_map_put(&s->catalogs, key, value, NULL) != DG_OK)
		return dg_acl_out_of_room(builder, err);
	s->places_fingerprint +=
		dg_acl_hash_str(key) * 3 + dg_acl_hash_str(*value) * 5;
	return dg_acl_check_room(builder, err);
}

static enum dg_rc
observe(struct dg_acl_builder *builder, struct dg_map *map, const char *what,
	struct dg_str name, struct dg_error *err)
{
	struct dg_acl_snapshot *s = builder->snapshot;
	enum dg_rc rc = dg_acl_check_exact(what, name, false, err);

	DG_ASSERT(!builder->modifies);
	if (rc != DG_OK)
		return rc;
	if (keep_lower(builder, name, &name) != DG_OK)
		return dg_acl_out_of_room(builder, err);
	if (dg_map_get(map, name) != NULL)
		return DG_OK;
	if (dg_map_put(map, name, s, NULL) != DG_OK)
		return dg_acl_out_of_room(builder, err);
	s->places_fingerprint += dg_acl_hash_str(name) *
				 (map == &s->observed_clusters ? 7U : 11U);
	return dg_acl_check_room(builder, err);
}

enum dg_rc
dg_acl_observe_cluster(struct dg_acl_builder *builder, struct dg_str cluster,
		       struct dg_error *err)
{
	return observe(builder, &builder->snapshot->observed_clusters,
		       "cluster", cluster, err);
}

enum dg_rc
dg_acl_observe_catalog(struct dg_acl_builder *builder, struct dg_str catalog,
		       struct dg_error *err)
{
	return observe(builder, &builder->snapshot->observed_catalogs,
		       "catalog", catalog, err);
}

/* ---- asking ------------------------------------------------------------- */

static struct dg_str
catalog_name(const struct dg_acl_snapshot *s, struct dg_str cluster,
	     struct dg_str catalog)
{
	char bytes[KEY_MAX];
	struct dg_str key = make_key(cluster, catalog, bytes);
	const struct dg_str *found =
		key.len == 0 ? NULL : dg_map_get(&s->catalogs, key);

	return found == NULL ? catalog : *found;
}

struct dg_str
dg_acl_policy_catalog(const struct dg_acl_snapshot *snapshot,
		      struct dg_str cluster, struct dg_str catalog)
{
	if (snapshot->catalogs.count == 0 || cluster.len == 0)
		return catalog;
	return catalog_name(snapshot, cluster, catalog);
}

struct dg_str
dg_acl_policy_property(const struct dg_acl_snapshot *snapshot,
		       struct dg_str cluster, struct dg_str property,
		       struct dg_arena *arena)
{
	size_t dot = dg_str_find(property, '.', 0);
	struct dg_str catalog = dg_str_slice(property, 0, dot);
	struct dg_str name = dg_acl_policy_catalog(snapshot, cluster, catalog);

	if (dot == property.len || name.data == catalog.data)
		return property;
	return dg_arena_printf(
		arena, "%.*s%.*s", DG_STR_ARG(name),
		DG_STR_ARG(dg_str_slice(property, dot, property.len)));
}

/* The catalog that the question is about; empty: it is about none. */
static struct dg_str
catalog_of(const struct dg_acl_query *query)
{
	struct dg_str name = query->parts[2];
	size_t dot = dg_str_find(name, '.', 0);

	if (query->kind != DG_ACL_PROPERTY)
		return query->parts[0];
	return dot < name.len ? dg_str_slice(name, 0, dot) : DG_STR_EMPTY;
}

/*
 * Who runs what, and ending it: others' business, whatever is tried out here.
 */
static bool
is_of_others(const struct dg_acl_query *query)
{
	return (query->kind == DG_ACL_TABLE ||
		query->kind == DG_ACL_PROCEDURE) &&
	       dg_str_eq(query->parts[0], DG_STR("system")) &&
	       dg_str_eq(query->parts[1], DG_STR("runtime"));
}

bool
dg_acl_query_observed(const struct dg_acl_query *query)
{
	const struct dg_acl_snapshot *s = query->snapshot;
	struct dg_str catalog;

	switch (query->kind) {
	case DG_ACL_CLUSTER:
	case DG_ACL_USER:
	case DG_ACL_QUERY:
	case DG_ACL_KIND_COUNT:
		return false;
	case DG_ACL_CATALOG:
	case DG_ACL_SCHEMA:
	case DG_ACL_TABLE:
	case DG_ACL_FUNCTION:
	case DG_ACL_PROCEDURE:
	case DG_ACL_TABLE_FUNCTION:
	case DG_ACL_PROPERTY:
		break;
	}
	if (is_of_others(query))
		return false;
	if (query->cluster.len > 0 &&
	    dg_map_get(&s->observed_clusters, query->cluster) != NULL)
		return true;
	catalog = catalog_of(query);
	return catalog.len > 0 &&
	       dg_map_get(&s->observed_catalogs, catalog) != NULL;
}
