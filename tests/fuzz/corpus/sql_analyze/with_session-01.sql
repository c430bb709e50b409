with session query_max_run_time = '1h', tpch.splits = 1 select name from nation
