select n.name from nation n pivot (count(*) for regionkey in (1))
