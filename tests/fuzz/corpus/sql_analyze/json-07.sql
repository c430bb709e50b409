select j.v from nation n, json_table(n.name, 'lax $' passing comment as c columns (v varchar path 'lax $' default n.name on empty, o for ordinality)) as j
