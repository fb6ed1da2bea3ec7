UPDATE points.lot
SET remaining = new.remaining
FROM unnest($2::bigint[], $3::timestamptz[], $4::bigint[], $5::bigint[])
    AS new (account_id, earned_time, sequence, remaining)
WHERE lot.program_key = $1 AND lot.account_id = new.account_id AND lot.earned_time = new.earned_time
  AND lot.sequence = new.sequence
