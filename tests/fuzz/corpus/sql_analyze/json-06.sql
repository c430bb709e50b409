select json_value('[]', 'lax $' as name passing 1 as comment) from nation
