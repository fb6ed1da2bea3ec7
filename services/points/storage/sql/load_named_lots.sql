-- Lots by their keys, as far as they are open: those of entries that are taken back, and those that get points back. Also
-- where points came back with days of grace, and so lapse at another time.
WITH named AS (
    SELECT *
    FROM unnest($2::bigint[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::bigint[])
             AS named (account_id, expire_time, earned_time, sequence, part)
),
keys AS (
    SELECT account_id, expire_time, earned_time, sequence, part FROM named
    UNION
    SELECT back.account_id, back.expire_time, back.earned_time, back.lot_sequence, back.part
    FROM named
    JOIN points.lot_use AS back ON back.program_key = $1 AND back.account_id = named.account_id
        AND back.lot_sequence = named.sequence AND back.part = named.part AND back.points < 0
)
SELECT lot.account_id, lot.sequence, lot.earned_time, lot.remaining, lot.expire_time, lot.part
FROM keys
JOIN points.lot ON lot.program_key = $1 AND lot.account_id = keys.account_id AND lot.expire_time = keys.expire_time
    AND lot.earned_time = keys.earned_time AND lot.sequence = keys.sequence AND lot.part = keys.part
