select m from nation match_recognize (partition by regionkey order by nationkey measures a.name as m pattern (a) define a as length(comment) > 1)
