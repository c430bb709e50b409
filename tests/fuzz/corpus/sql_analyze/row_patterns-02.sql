select * from nation match_recognize (partition by regionkey measures last(name) as m pattern (a) define a as true)
