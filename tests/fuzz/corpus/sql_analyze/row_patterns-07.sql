select m from nation match_recognize (measures classifier(a) as m, count(a.*) as c pattern (a) define a as true)
