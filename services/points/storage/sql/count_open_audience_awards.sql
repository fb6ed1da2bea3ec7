-- How many awards of a program are scheduled or running.
SELECT count(*) FROM points.audience_award WHERE program_key = $1 AND state IN (1, 2)
