-- When the program's next open invitation expires; infinity if there is none.
SELECT coalesce(min(expire_time), 'infinity') AS due_time
FROM surveys.invitation
WHERE program_key = $1 AND state = 1
