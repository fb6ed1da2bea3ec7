-- A place among the accounts, from numbers below 1: accounts are numbered in one row for all programs.
SELECT floor($1::double precision * (coalesce(max(program_key), 0) + 1))::integer AS program_key,
       floor($2::double precision * (SELECT last_value FROM points.account_id))::bigint AS account_id
FROM platform.program
