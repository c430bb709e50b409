with session as (select name from nation) select * from session
