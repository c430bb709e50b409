select one from nation pivot (max(name) for regionkey in ((select max(regionkey) from region) as one))
