-- An award that is under way is over from now on: done ($3 = 3) or cancelled ($3 = 4).
UPDATE points.audience_award
SET state = $3, done_time = $4
WHERE program_key = $1 AND award_id = $2 AND state IN (1, 2)
RETURNING award_id
