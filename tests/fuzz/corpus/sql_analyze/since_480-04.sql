select p.one, p.x from nation pivot (count(*) as c for (regionkey, name) in ((1, 'a') as one) group by nationkey) as p (x, one)
