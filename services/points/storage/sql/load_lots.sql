-- The oldest lots of some accounts, no more of each than can pay the points asked of it: walks the index lot by lot, so
-- that an account with a million lots costs only those that are used.
WITH RECURSIVE asked AS (
    SELECT * FROM unnest($2::bigint[], $3::bigint[]) AS asked (account_id, points)
),
walk AS (
    SELECT asked.account_id, asked.points, lot.earned_time, lot.sequence, lot.remaining,
           lot.remaining::numeric AS found
    FROM asked
    CROSS JOIN LATERAL (
        SELECT earned_time, sequence, remaining
        FROM points.lot
        WHERE lot.program_key = $1 AND lot.account_id = asked.account_id
        ORDER BY earned_time, sequence
        LIMIT 1
    ) AS lot
    UNION ALL
    SELECT walk.account_id, walk.points, lot.earned_time, lot.sequence, lot.remaining, walk.found + lot.remaining
    FROM walk
    CROSS JOIN LATERAL (
        SELECT earned_time, sequence, remaining
        FROM points.lot
        WHERE lot.program_key = $1 AND lot.account_id = walk.account_id
          AND (lot.earned_time, lot.sequence) > (walk.earned_time, walk.sequence)
        ORDER BY earned_time, sequence
        LIMIT 1
    ) AS lot
    WHERE walk.found < walk.points
)
SELECT account_id, sequence, earned_time, remaining FROM walk
