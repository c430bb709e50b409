select 1 from nation where unique (select name from region where region.regionkey = nation.regionkey)
