-- The award of a program that has been due longest, if there is one.
SELECT program.program_id, award_id, content, award_time, actor, state, position, awarded_members, skipped_members,
       audience_award.create_time, done_time
FROM points.audience_award
JOIN platform.program ON program.program_key = $1
WHERE audience_award.program_key = $1 AND state IN (1, 2) AND award_time <= $2::timestamptz
ORDER BY award_time, award_id
LIMIT 1
