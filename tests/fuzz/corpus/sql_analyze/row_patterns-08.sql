select m from nation match_recognize (measures u.name as m pattern (a b) subset u = (a, b) define b as a.nationkey = b.nationkey)
