select * from nation pivot (count(comment) as c for regionkey in (1 as one, 2))
