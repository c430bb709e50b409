select m from nation n match_recognize (partition by n.regionkey order by n.name measures 1 as m pattern (a) define a as true)
