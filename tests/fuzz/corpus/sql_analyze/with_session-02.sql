with session a = 1 with c as (select name from nation) select * from c union select comment from region order by 1
