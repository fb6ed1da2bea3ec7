-- New holds, and those that have ended: they come with 0 points.
WITH changed AS (
    SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::bigint[])
                      AS changed (account_id, sequence, until_time, points)
),
ended AS (
    DELETE FROM points.hold
    USING changed
    WHERE hold.program_key = $1 AND hold.account_id = changed.account_id AND hold.sequence = changed.sequence
      AND changed.points = 0
)
INSERT INTO points.hold (program_key, account_id, sequence, until_time, points)
SELECT $1, account_id, sequence, until_time, points FROM changed WHERE points > 0
