INSERT INTO points.audience_award (program_key, award_id, content, award_time, actor, create_time)
VALUES ($1, $2, $3, $4, $5, $6)
