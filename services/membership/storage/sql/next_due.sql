-- When the next membership of a program is due; 'infinity' if none is.
SELECT coalesce(min(next_due_time), 'infinity') AS next_due_time
FROM membership.membership
WHERE program_key = $1
