-- The first lots of some accounts, in the order of use: all that have lapsed, and of the others no more than can pay the
-- points asked of the account, but one at least. Walks the index lot by lot, so that an account with a million lots costs
-- only those that are used.
WITH RECURSIVE asked AS (
    SELECT * FROM unnest($2::bigint[], $3::bigint[]) AS asked (account_id, points)
),
walk AS (
    SELECT asked.account_id, asked.points, lot.expire_time, lot.earned_time, lot.sequence, lot.part, lot.remaining,
           CASE WHEN lot.expire_time > $4::timestamptz THEN lot.remaining::numeric ELSE 0 END AS found
    FROM asked
    CROSS JOIN LATERAL (
        SELECT expire_time, earned_time, sequence, part, remaining
        FROM points.lot
        WHERE lot.program_key = $1 AND lot.account_id = asked.account_id
        ORDER BY expire_time, earned_time, sequence, part
        LIMIT 1
    ) AS lot
    UNION ALL
    SELECT walk.account_id, walk.points, lot.expire_time, lot.earned_time, lot.sequence, lot.part, lot.remaining,
           CASE WHEN lot.expire_time > $4::timestamptz THEN walk.found + lot.remaining ELSE walk.found END
    FROM walk
    CROSS JOIN LATERAL (
        SELECT expire_time, earned_time, sequence, part, remaining
        FROM points.lot
        WHERE lot.program_key = $1 AND lot.account_id = walk.account_id
          AND (lot.expire_time, lot.earned_time, lot.sequence, lot.part)
              > (walk.expire_time, walk.earned_time, walk.sequence, walk.part)
        ORDER BY expire_time, earned_time, sequence, part
        LIMIT 1
    ) AS lot
    WHERE walk.found < walk.points OR walk.expire_time <= $4::timestamptz
)
SELECT account_id, sequence, earned_time, remaining, expire_time, part FROM walk
