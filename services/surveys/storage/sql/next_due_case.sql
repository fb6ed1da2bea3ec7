-- When the program's next case is escalated, unless somebody replies; infinity if there is none.
SELECT coalesce(min(first_reply_due_time), 'infinity') AS due_time
FROM surveys.member_case
WHERE program_key = $1 AND first_reply_time = 'infinity' AND escalate_time = 'infinity' AND state NOT IN (5, 6)
