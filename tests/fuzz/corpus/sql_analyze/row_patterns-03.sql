select m, regionkey from nation match_recognize (measures classifier() as m all rows per match pattern (a b) define a as true)
