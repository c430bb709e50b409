select x.name, x.m from nation n match_recognize (measures match_number() as m all rows per match pattern (a) define a as true) as x
