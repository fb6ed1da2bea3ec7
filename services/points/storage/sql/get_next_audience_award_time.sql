-- When an award of a program is due next; 'infinity' if none is.
SELECT coalesce(min(award_time), 'infinity') AS award_time
FROM points.audience_award
WHERE program_key = $1 AND state IN (1, 2)
