select json_exists(name, 'lax $' passing comment as x) from nation
