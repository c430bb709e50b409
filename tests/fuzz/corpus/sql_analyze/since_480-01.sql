select n.name, o.comment from nation n cross join nearest (from region o where o.regionkey = n.regionkey match o.name <= n.comment)
