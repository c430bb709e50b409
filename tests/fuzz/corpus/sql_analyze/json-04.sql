select json_object(name : nationkey, key comment value regionkey) from nation
