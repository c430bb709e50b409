select json_query(name format json, 'lax $' passing nationkey as x, comment format json as y) from nation
