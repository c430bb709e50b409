select row(name) match unique (select name from region) from nation
