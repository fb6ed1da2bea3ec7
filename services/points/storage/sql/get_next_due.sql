-- When something is due next on an account of a program; 'infinity' if nothing is.
SELECT coalesce(min(next_due_time), 'infinity') AS next_due_time
FROM points.account
WHERE program_key = $1 AND next_due_time < 'infinity'
