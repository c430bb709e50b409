select json_array(name, comment format json), json_object(), json_array() from nation
