# SPDX-License-Identifier: Apache-2.0
"""The decision as docs/policy.md "How it is decided" tells it, and nothing
else: no index, no cache, no cleverness. Each rule is looked at each time.

A policy and an access are plain dictionaries (random_policies.py makes them);
the answer is an Answer. Written from the text, to be compared with the C code.
"""

import ipaddress
import re
from dataclasses import dataclass, field
from functools import lru_cache

BUNDLES = {
    "read": {"select", "show"},
    "write": {"insert", "update", "delete", "truncate"},
}
KINDS = {  # kind: the parts that it has, the privileges that it can have
    "catalog": (("catalog",), "create drop alter comment show grant"),
    "schema": (("catalog", "schema"), "create drop alter comment show grant"),
    "table": (("catalog", "schema", "name"),
              "select insert update delete truncate create drop alter comment "
              "refresh analyze show grant"),
    "function": (("catalog", "schema", "name"),
                 "execute create drop alter comment show grant"),
    "procedure": (("catalog", "schema", "name"), "execute show grant"),
    "table_function": (("catalog", "schema", "name"), "execute show grant"),
    "cluster": (("name",), "use show"),
    "property": (("name",), "set show"),
    "user": (("name",), "impersonate show"),
    "query": (("name",), "view kill show"),
}
PARTS = {kind: parts for kind, (parts, _) in KINDS.items()}
PRIVILEGES = {kind: set(text.split()) for kind, (_, text) in KINDS.items()}
WITH_COLUMNS = {"select", "update"}
# Names of what belongs to a table: "t$files", "t@123", "t.branch_b".
METADATA_SIGN = re.compile(r"(?<=.)(\$|@|\.branch_|\.tag_)", re.DOTALL)


@dataclass
class Answer:
    reason: str
    missing: list = field(default_factory=list)
    # Ids of rules of which the answer may name one.
    rules: set = field(default_factory=set)
    # A refusal that is only remarked upon.
    observed: bool = False

    @property
    def allowed(self):
        return self.reason == "allowed" or self.observed


@lru_cache(maxsize=None)
def pattern(text):
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c)
             for c in text)
    return re.compile("".join(parts), re.DOTALL)


def matches(glob, name):
    return pattern(glob).fullmatch(name) is not None


@lru_cache(maxsize=None)
def privileges_of(kind, words):
    """Bundles are what they hold; `own` is all that the object can have."""
    wanted = set()
    for name in words:
        if name == "own":
            wanted |= PRIVILEGES[kind]
        else:
            wanted |= BUNDLES.get(name, {name})
    return wanted & PRIVILEGES[kind]


def principals_of(policy, access):
    """The user, public, roles that came with the request, and the roles that
    hold them, in however many steps. A role that does not exist is nothing."""
    held = {f"user:{access['user']}"} | {
        f"role:{role}" for role in access["roles"] if role in policy["roles"]}
    while True:
        more = {f"role:{role}" for role, member in policy["members"]
                if member in held} - held
        if not more:
            return held | {"role:public"}
        held |= more


@lru_cache(maxsize=None)
def address_of(client):
    """The client's address; None while it is not known. Mapped addresses are
    IPv4 addresses."""
    if client.startswith("["):
        client = client[1:client.index("]")]
    elif client.count(":") == 1:
        client = client.split(":")[0]
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=None)
def network_of(text):
    network = ipaddress.ip_network(text)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None:
        return network
    return ipaddress.ip_network((mapped, network.prefixlen - 96))


def is_in(address, network):
    network = network_of(network)
    return address.version == network.version and address in network


def speaks(policy, rule, access):
    """Whether the rule exists for this user, cluster and moment."""
    who = principals_of(policy, access)
    if not who & set(rule["to"]) or who & set(rule["except"]):
        return False
    if rule["clusters"]:
        if access["cluster"] == "":
            if rule["effect"] == "allow":
                return False
        elif access["cluster"] not in rule["clusters"]:
            return False
    if rule["networks"]:
        address = address_of(access["client"])
        if address is None:
            if rule["effect"] == "allow":
                return False
        elif not any(is_in(address, network) for network in rule["networks"]):
            return False
    if access["now"] < rule["from"]:
        return False
    return rule["until"] == 0 or access["now"] < rule["until"]


def holders_of(policy, user):
    """Roles that hold the user, as rules about users name them."""
    if user not in policy["users"]:
        return set()
    return principals_of(policy, {"user": user, "roles": []}) - {
        f"user:{user}"}


def names(policy, rule, thing):
    if thing["kind"] in ("user", "query") and \
            rule["name"] in holders_of(policy, thing["name"]):
        return True
    return all(matches(rule[part], thing[part])
               for part in PARTS[thing["kind"]])


def tags_of(policy, thing):
    """Of a catalog, schema or table, its own and from above. What else is in
    a schema inherits from that."""
    own = [thing["catalog"], thing["schema"] if "schema" in thing else "",
           thing["name"] if thing["kind"] == "table" else ""]
    above = [own[:depth] + [""] * (3 - depth) for depth in (1, 2, 3)]
    return {tag for tag, *names_, column in policy["taggings"]
            if not column and names_ in above}


def tagged_columns(policy, thing, tags):
    own = [thing["catalog"], thing["schema"], thing["name"]]
    return [column for tag, *names_, column in policy["taggings"]
            if column and names_ == own and tag in tags]


def about(policy, rule, thing, privilege):
    """The rule as it is about this object, tags left out; None: not at all.

    Where the object carries one of the tags, it is the rule itself. Where only
    columns do, it is a rule about these, and so only about what privileges
    have columns (an allow of READ shows the table, too)."""
    if not names(policy, rule, thing):
        return None
    tags = set(rule["tags"])
    if not tags or tags & tags_of(policy, thing):
        return rule
    if thing["kind"] != "table" or privilege not in WITH_COLUMNS and not (
            privilege == "show" and rule["effect"] == "allow"):
        return None
    columns = tagged_columns(policy, thing, tags)
    if rule["columns"]:
        columns = [mine if is_above(theirs, mine) else theirs
                   for mine in rule["columns"] for theirs in columns
                   if is_above(theirs, mine) or is_above(mine, theirs)]
    return {**rule, "columns": columns} if columns else None


def is_above(upper, lower):
    """Column a is above a, a.b and a.b.c."""
    return lower == upper or lower.startswith(upper + ".")


def bites(rule, column):
    """A deny of a.b bites a read of all of a; one of a bites a.b."""
    return not rule["columns"] or any(
        is_above(own, column) or is_above(column, own)
        for own in rule["columns"])


def covers(rule, column, listed):
    """An allow of a.b does not cover a. A column whose own name has a dot in
    it is no field."""
    if not rule["columns"] or column in rule["columns"]:
        return True
    return column not in listed and any(
        is_above(own, column) for own in rule["columns"])


def thing_of(policy, access):
    """The object, in lower case but for names of users, under the name that
    the policy has for its catalog."""
    keeps_case = access["kind"] in ("user", "query")
    thing = {"kind": access["kind"]}
    for part in PARTS[access["kind"]]:
        name = access[part]
        thing[part] = name if keeps_case else name.lower()
    if "catalog" in thing:
        thing["catalog"] = policy_name(policy, access, thing["catalog"])
    if thing["kind"] == "property" and "." in thing["name"]:
        catalog, name = thing["name"].split(".", 1)
        thing["name"] = policy_name(policy, access, catalog) + "." + name
    return thing


def policy_name(policy, access, catalog):
    for cluster, name, known_as in policy["maps"]:
        if (cluster, name) == (access["cluster"], catalog):
            return known_as
    return catalog


def is_observed(policy, access, thing):
    """Who may come in and what is done to others is decided all the same."""
    if thing["kind"] in ("cluster", "user", "query"):
        return False
    if thing["kind"] in ("table", "procedure") and \
            (thing["catalog"], thing["schema"]) == ("system", "runtime"):
        return False
    if access["cluster"] in policy["observed_clusters"]:
        return True
    catalog = thing.get("catalog")
    if thing["kind"] == "property" and "." in thing["name"]:
        catalog = thing["name"].split(".")[0]
    return catalog in policy["observed_catalogs"]


def base_of(thing):
    """The table that a metadata table shows data of."""
    if thing["kind"] != "table":
        return None
    sign = METADATA_SIGN.search(thing["name"])
    return sign and {**thing, "name": thing["name"][:sign.start()]}


def select(policy, access, effect, privilege, thing):
    rules = [about(policy, rule, thing, privilege)
             for rule in policy["rules"]
             if rule["effect"] == effect and rule["kind"] == thing["kind"] and
             privilege in privileges_of(rule["kind"],
                                        tuple(rule["privileges"])) and
             speaks(policy, rule, access)]
    return [rule for rule in rules if rule]


def ids(rules):
    return {rule["id"] for rule in rules}


ANYONE = None  # a user of whom the policy says nothing, in place of a name


def decide(policy, access):
    if access["user"] is not ANYONE and access["user"] not in policy["users"]:
        return Answer("no_such_user")
    answer = decide_rights(policy, access)
    if access["unless_denied"] and answer.reason != "denied_by_rule":
        return Answer("allowed", rules={0})
    if not answer.allowed:
        answer.observed = is_observed(policy, access, thing_of(policy, access))
    return answer


def decide_rights(policy, access):
    privilege = access["privilege"]
    thing = thing_of(policy, access)
    if privilege == "show":
        return decide_show(policy, access, thing)
    denies = select(policy, access, "deny", privilege, thing)
    allows = select(policy, access, "allow", privilege, thing)
    # Whatever is denied of a table, even one column, is denied of its
    # metadata tables.
    base = base_of(thing)
    taken = select(policy, access, "deny", privilege, base) if base else []
    if access["kind"] == "table" and privilege in WITH_COLUMNS:
        whole = [rule for rule in denies if not rule["columns"]] + taken
        return decide_columns(access, denies, whole, allows)
    if denies or taken:
        return Answer("denied_by_rule", rules=ids(denies + taken))
    if allows:
        return Answer("allowed", rules=ids(allows))
    return Answer("not_granted", rules={0})


def decide_columns(access, denies, whole_denies, allows):
    denies = denies + whole_denies
    whole_allows = [rule for rule in allows if not rule["columns"]]
    known = access["known"]
    if access["all"]:
        return decide_all(known, denies, whole_denies, allows, whole_allows)
    if not access["columns"]:
        return decide_none(known, denies, whole_denies, allows, whole_allows)
    biting, bitten, uncovered, by = set(), [], [], set()
    for column in (name.lower() for name in access["columns"]):
        against = whole_denies or [r for r in denies if bites(r, column)]
        if against:
            biting |= ids(against)
            bitten.append(column)
            continue
        given = [r for r in allows if covers(r, column, known or ())]
        by |= ids(given)
        if known is not None and not given:
            uncovered.append(column)
    if bitten:
        return Answer("denied_by_rule", bitten + uncovered, biting)
    if known is None:
        return decide_unknown(denies, allows, whole_allows)
    if uncovered:
        return Answer("not_granted", uncovered, {0})
    return Answer("allowed", rules=by)


def decide_unknown(denies, allows, whole_allows):
    """Columns are not known, and no deny has bitten."""
    if not allows:
        return Answer("not_granted", rules={0})
    if not whole_allows or denies:
        return Answer("columns_unknown", rules={0})
    return Answer("allowed", rules=ids(whole_allows))


def decide_all(known, denies, whole_denies, allows, whole_allows):
    """Every column, hidden ones as well: any deny bites, and only an allow of
    the whole table covers."""
    listed = known or ()
    if whole_denies:
        return Answer("denied_by_rule", list(listed), ids(whole_denies))
    denied = {column.split(".")[0] for rule in denies
              for column in rule["columns"]}
    uncovered = [column for column in listed
                 if not any(bites(rule, column) for rule in denies) and
                 not any(covers(rule, column, listed) for rule in allows)]
    if denied:
        return Answer("denied_by_rule", sorted(denied) + uncovered, ids(denies))
    if known is None:
        return decide_unknown(denies, allows, whole_allows)
    if not whole_allows:
        return Answer("not_granted", uncovered, {0})
    return Answer("allowed", rules=ids(whole_allows))


def decide_none(known, denies, whole_denies, allows, whole_allows):
    """count(*): one column that is allowed and not denied is needed."""
    if whole_denies:
        return Answer("denied_by_rule", rules=ids(whole_denies))
    if whole_allows and not denies:
        return Answer("allowed", rules=ids(whole_allows))
    if not allows:
        return Answer("not_granted", rules={0})
    if known is None:
        return Answer("columns_unknown", rules={0})
    biting, by = set(), set()
    for column in known:
        given = [rule for rule in allows if covers(rule, column, known)]
        against = [rule for rule in denies if bites(rule, column)]
        if given and not against:
            by |= ids(given)
        elif given:
            biting |= ids(against)
    if by:
        return Answer("allowed", rules=by)
    if biting:
        return Answer("denied_by_rule", rules=biting)
    return Answer("not_granted", rules={0})


# ---- SHOW: any privilege on the object or beneath it will do -----------------

def decide_show(policy, access, thing):
    against = select(policy, access, "deny", "show", thing)
    against = [rule for rule in against if not rule["columns"]]
    if against:
        return Answer("denied_by_rule", rules=ids(against))
    by = seen_by(policy, access, thing)
    if not by and thing["kind"] in ("catalog", "schema"):
        for below in things_beneath(policy, thing):
            by |= seen_by(policy, access, below)
    return Answer("allowed", rules=by) if by else \
        Answer("not_granted", rules={0})


def seen_by(policy, access, thing):
    """Allows of privileges on exactly this object that are not denied again."""
    by = set()
    for privilege in PRIVILEGES[thing["kind"]]:
        allows = select(policy, access, "allow", privilege, thing)
        denies = select(policy, access, "deny", privilege, thing)
        if not allows or any(not rule["columns"] for rule in denies):
            continue
        if thing["kind"] != "table" or privilege not in WITH_COLUMNS:
            by |= ids(allows)
            continue
        if base_of(thing) and select(policy, access, "deny", privilege,
                                     base_of(thing)):
            by |= ids(rule for rule in allows if not rule["columns"])
            continue
        for rule in allows:
            if not rule["columns"] or any(
                    not any(bites(deny, column) for deny in denies)
                    for column in rule["columns"]):
                by.add(rule["id"])
    return by


def things_beneath(policy, thing):
    """Objects of every kind beneath the container, one for each way in which
    a rule could tell two names apart: its own names, and patterns with what
    no other rule speaks about in place of the stars."""
    own = PARTS[thing["kind"]]
    for kind, parts in PARTS.items():
        if parts[:len(own)] != own or len(parts) == len(own):
            continue
        below = [part for part in parts if part not in own]
        for chosen in product_of(policy, kind, below):
            yield {"kind": kind, **{part: thing[part] for part in own},
                   **chosen}


def product_of(policy, kind, parts):
    if not parts:
        yield {}
        return
    texts = {rule[parts[0]].replace("*", "zz").replace("?", "z")
             for rule in policy["rules"] if rule["kind"] == kind}
    for rest in product_of(policy, kind, parts[1:]):
        for text in texts:
            yield {parts[0]: text, **rest}
