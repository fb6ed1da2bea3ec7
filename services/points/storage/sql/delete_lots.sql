-- Lots that are used up.
DELETE FROM points.lot
USING unnest($2::bigint[], $3::timestamptz[], $4::bigint[]) AS used (account_id, earned_time, sequence)
WHERE lot.program_key = $1 AND lot.account_id = used.account_id AND lot.earned_time = used.earned_time
  AND lot.sequence = used.sequence
