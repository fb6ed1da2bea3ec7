-- How many rewards of a program are on offer.
SELECT count(*) FROM points.reward WHERE program_key = $1 AND archive_time IS NULL
