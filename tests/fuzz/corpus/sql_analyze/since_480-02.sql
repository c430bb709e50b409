select * from nation n left join nearest (from region match region.name <= n.name) as r on true
