-- An award to an audience.
SELECT award_id, content, award_time, actor, state, position, awarded_members, skipped_members, create_time, done_time
FROM points.audience_award
WHERE program_key = $1 AND award_id = $2
