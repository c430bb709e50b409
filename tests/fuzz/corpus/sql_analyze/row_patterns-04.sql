select * from nation match_recognize (measures classifier() as m all rows per match pattern (a) define a as true)
