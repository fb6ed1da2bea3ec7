-- Puts off what is due on a membership.
UPDATE membership.membership
SET next_due_time = $3
WHERE program_key = $1 AND membership_id = $2
