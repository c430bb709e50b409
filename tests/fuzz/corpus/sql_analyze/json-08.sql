select v, w from nation cross join json_table(name, 'lax $' columns (v varchar, nested path 'lax $' columns (w bigint)))
