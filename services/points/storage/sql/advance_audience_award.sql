-- An award that is at account $3 has reached $4: so many members more have its points, and so many could not take them. No
-- row, if it is somewhere else meanwhile, or over.
UPDATE points.audience_award
SET position = $4, awarded_members = awarded_members + $5, skipped_members = skipped_members + $6, state = 2
WHERE program_key = $1 AND award_id = $2 AND position = $3 AND state IN (1, 2)
RETURNING award_id
