/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt_claims.c - registered claims, the user and the groups (RFC 7519, 4.1).
 *
 * A claim of the wrong type is never read as one that is missing. A token
 * without exp, iss, aud or user does not hold.
 */
#include "auth/jwt_claims.h"

#include "base/mem.h"

enum {
	NAME_MAX_BYTES = 256,
};

/* 9999-12-31: sums with it cannot overflow. */
static const int64_t date_max_s = INT64_C(253402300799);

/* ---- paths --------------------------------------------------------------- */

void
dg_jwt_path_fini(struct dg_jwt_path *path)
{
	for (size_t i = 0; i < path->n; i++)
		dg_free(path->segments[i]);
	path->n = 0;
}

/* RFC 6901, 3: "~1" is a slash, "~0" a tilde; in place. */
static bool
unescape(char *segment)
{
	char *to = segment;

	for (const char *from = segment; *from != '\0'; from++) {
		if (*from != '~') {
			*to++ = *from;
			continue;
		}
		from++;
		if (*from != '0' && *from != '1')
			return false;
		*to++ = *from == '0' ? '~' : '/';
	}
	*to = '\0';
	return true;
}

enum dg_rc
dg_jwt_path_parse(struct dg_str text, struct dg_jwt_path *path_out)
{
	bool is_pointer = text.len > 0 && text.data[0] == '/';
	struct dg_str rest =
		is_pointer ? dg_str_slice(text, 1, text.len) : text;
	struct dg_jwt_path path = {.n = 0};
	struct dg_str part;

	*path_out = path;
	if (text.len == 0)
		return DG_OK;
	while (dg_str_split(&rest, is_pointer ? '/' : '.', &part)) {
		if (part.len == 0 || path.n == DG_JWT_PATH_MAX ||
		    dg_str_to_cstr(part, &path.segments[path.n]) != DG_OK)
			goto fail;
		path.n++;
		if (is_pointer && !unescape(path.segments[path.n - 1]))
			goto fail;
	}
	if (path.n == 0)
		goto fail;
	*path_out = path;
	return DG_OK;
fail:
	dg_jwt_path_fini(&path);
	return DG_ERR_INVALID;
}

/*
 * NULL: it is not there. False: on the way stands what is no object, so that
 * nobody knows.
 */
static bool
follow(const struct dg_json *claims, const struct dg_jwt_path *path,
       const struct dg_json **value_out)
{
	const struct dg_json *at = claims;

	for (size_t i = 0; i < path->n && at != NULL; i++) {
		if (!dg_json_is_object(at))
			return false;
		at = dg_json_get(at, path->segments[i]);
	}
	*value_out = at;
	return true;
}

/* ---- who and for whom ---------------------------------------------------- */

static bool
is_one_of(struct dg_str s, char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (dg_str_eq(s, dg_str_from_cstr(list[i])))
			return true;
	return false;
}

static enum dg_jwt_verdict
judge_issuer(const struct dg_json *claims, const struct dg_jwt_rules *rules)
{
	struct dg_str issuer;

	return rules->issuer.len > 0 &&
			       dg_json_string(dg_json_get(claims, "iss"),
					      &issuer) &&
			       dg_str_eq(issuer, rules->issuer)
		       ? DG_JWT_OK
		       : DG_JWT_ISSUER;
}

/* RFC 7519, 4.1.3: one name or a list of them. */
static enum dg_jwt_verdict
judge_audience(const struct dg_json *claims, const struct dg_jwt_rules *rules)
{
	const struct dg_json *aud = dg_json_get(claims, "aud");
	struct dg_str name;
	bool found = false;

	if (dg_json_string(aud, &name))
		found = is_one_of(name, rules->audiences, rules->n_audiences);
	else if (aud != NULL && !dg_json_is_array(aud))
		return DG_JWT_MALFORMED;
	else
		for (size_t i = 0; i < dg_json_size(aud); i++) {
			if (!dg_json_string(dg_json_at(aud, i), &name))
				return DG_JWT_MALFORMED;
			found |= is_one_of(name, rules->audiences,
					   rules->n_audiences);
		}
	return found ? DG_JWT_OK : DG_JWT_AUDIENCE;
}

/* ---- when ---------------------------------------------------------------- */

/* False: there, but no date. *found_out: whether it is there. */
static bool
read_date(const struct dg_json *claims, const char *name, bool *found_out,
	  int64_t *date_out)
{
	const struct dg_json *value = dg_json_get(claims, name);

	*date_out = 0;
	*found_out = value != NULL;
	return value == NULL || (dg_json_int(value, date_out) &&
				 *date_out >= 0 && *date_out <= date_max_s);
}

static enum dg_jwt_verdict
judge_dates(const struct dg_json *claims, const struct dg_jwt_rules *rules,
	    int64_t now_s, int64_t *until_out)
{
	bool has_exp;
	bool has_nbf;
	bool has_iat;
	int64_t exp;
	int64_t nbf;
	int64_t iat;

	if (!read_date(claims, "exp", &has_exp, &exp) || !has_exp ||
	    !read_date(claims, "nbf", &has_nbf, &nbf) ||
	    !read_date(claims, "iat", &has_iat, &iat))
		return DG_JWT_MALFORMED;
	*until_out = exp + rules->leeway_s;
	if (now_s >= *until_out)
		return DG_JWT_EXPIRED;
	if (nbf > now_s + rules->leeway_s || iat > now_s + rules->leeway_s)
		return DG_JWT_NOT_YET;
	if (rules->max_age_s == 0)
		return DG_JWT_OK;
	if (!has_iat || now_s >= iat + rules->max_age_s + rules->leeway_s)
		return DG_JWT_TOO_OLD;
	if (*until_out > iat + rules->max_age_s + rules->leeway_s)
		*until_out = iat + rules->max_age_s + rules->leeway_s;
	return DG_JWT_OK;
}

/* ---- user and groups ----------------------------------------------------- */

static bool
is_name(struct dg_str name)
{
	if (name.len == 0 || name.len > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.data[i] < ' ' || name.data[i] == 0x7f)
			return false;
	return true;
}

static enum dg_jwt_verdict
read_user(const struct dg_json *claims, const struct dg_jwt_rules *rules,
	  struct dg_arena *arena, struct dg_str *user_out)
{
	const struct dg_json *value = NULL;
	struct dg_str user;

	if (rules->user.n == 0 || !follow(claims, &rules->user, &value) ||
	    !dg_json_string(value, &user) || !is_name(user))
		return DG_JWT_NO_USER;
	*user_out = dg_arena_str(arena, user);
	return user_out->data == NULL ? DG_JWT_LIMIT : DG_JWT_OK;
}

/*
 * OpenID Connect Core 5.6.2: a provider may leave a claim out and say where to
 * ask for it; one of them says "hasgroups". Then nobody knows the groups, and a
 * deny could be missed.
 */
static bool
is_kept_elsewhere(const struct dg_json *claims, const struct dg_jwt_path *path)
{
	const struct dg_json *names = dg_json_get(claims, "_claim_names");
	const struct dg_json *has = dg_json_get(claims, "hasgroups");
	bool truth = true;

	if (has != NULL && (!dg_json_bool(has, &truth) || truth))
		return true;
	return names != NULL && (!dg_json_is_object(names) ||
				 dg_json_get(names, path->segments[0]) != NULL);
}

static enum dg_jwt_verdict
copy_groups(const struct dg_json *list, struct dg_arena *arena,
	    struct dg_jwt_identity *out)
{
	size_t n = dg_json_size(list);
	struct dg_str *groups;

	if (n > DG_JWT_GROUPS_MAX)
		return DG_JWT_GROUPS;
	groups = DG_ARENA_ARRAY(arena, struct dg_str, n);
	if (groups == NULL)
		return DG_JWT_LIMIT;
	for (size_t i = 0; i < n; i++) {
		if (!dg_json_string(dg_json_at(list, i), &groups[i]) ||
		    !is_name(groups[i]))
			return DG_JWT_GROUPS;
		groups[i] = dg_arena_str(arena, groups[i]);
		if (groups[i].data == NULL)
			return DG_JWT_LIMIT;
	}
	out->groups = groups;
	out->n_groups = n;
	return DG_JWT_OK;
}

/* A list of names, or one name. */
static enum dg_jwt_verdict
read_groups(const struct dg_json *claims, const struct dg_jwt_rules *rules,
	    struct dg_arena *arena, struct dg_jwt_identity *out)
{
	const struct dg_json *value = NULL;
	struct dg_str *one;
	struct dg_str name;

	if (rules->groups.n == 0)
		return DG_JWT_OK;
	if (is_kept_elsewhere(claims, &rules->groups) ||
	    !follow(claims, &rules->groups, &value))
		return DG_JWT_GROUPS;
	if (value == NULL)
		return DG_JWT_OK;
	if (dg_json_is_array(value))
		return copy_groups(value, arena, out);
	if (!dg_json_string(value, &name) || !is_name(name))
		return DG_JWT_GROUPS;
	one = DG_ARENA_NEW(arena, struct dg_str);
	if (one == NULL)
		return DG_JWT_LIMIT;
	*one = dg_arena_str(arena, name);
	if (one->data == NULL)
		return DG_JWT_LIMIT;
	out->groups = one;
	out->n_groups = 1;
	return DG_JWT_OK;
}

enum dg_jwt_verdict
dg_jwt_claims_judge(const struct dg_json *claims,
		    const struct dg_jwt_rules *rules, int64_t now_s,
		    struct dg_arena *arena,
		    struct dg_jwt_identity *identity_out)
{
	struct dg_jwt_identity identity = {.n_groups = 0};
	enum dg_jwt_verdict verdict;

	if (!dg_json_is_object(claims))
		return DG_JWT_MALFORMED;
	verdict = judge_issuer(claims, rules);
	if (verdict == DG_JWT_OK)
		verdict = judge_dates(claims, rules, now_s, &identity.until_s);
	if (verdict == DG_JWT_OK)
		verdict = judge_audience(claims, rules);
	if (verdict == DG_JWT_OK)
		verdict = read_user(claims, rules, arena, &identity.user);
	if (verdict == DG_JWT_OK)
		verdict = read_groups(claims, rules, arena, &identity);
	if (verdict == DG_JWT_OK)
		*identity_out = identity;
	return verdict;
}
