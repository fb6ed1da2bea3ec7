-- How many rules of a program are in force.
SELECT count(*) FROM points.earn_rule WHERE program_key = $1 AND replace_time IS NULL AND archive_time IS NULL
