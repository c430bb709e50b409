select json_value(name, 'lax $' passing comment as x default cast(nationkey as varchar) on empty) from nation
