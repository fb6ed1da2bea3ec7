-- Closes a plan, unless it is closed already: a row if it did.
UPDATE membership.plan
SET archive_time = $3
WHERE program_key = $1 AND plan_id = $2 AND archive_time = 'infinity'
RETURNING 1
