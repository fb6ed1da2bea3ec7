-- All pending points of some accounts.
SELECT account_id, sequence, part, earned_time, expire_time, mature_time, points
FROM points.pending_lot
WHERE program_key = $1 AND account_id = ANY ($2::bigint[])
ORDER BY account_id, sequence, part
