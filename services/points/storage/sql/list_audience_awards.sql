-- A page of a program's awards to audiences after an id.
SELECT award_id, content, award_time, actor, state, position, awarded_members, skipped_members, create_time, done_time
FROM points.audience_award
WHERE program_key = $1 AND award_id > $2
ORDER BY award_id
LIMIT $3
