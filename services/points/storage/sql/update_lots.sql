-- What remains of lots that were used, or got points back.
UPDATE points.lot
SET remaining = used.remaining
FROM unnest($2::bigint[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::bigint[], $7::bigint[])
         AS used (account_id, expire_time, earned_time, sequence, part, remaining)
WHERE lot.program_key = $1 AND lot.account_id = used.account_id AND lot.expire_time = used.expire_time
  AND lot.earned_time = used.earned_time AND lot.sequence = used.sequence AND lot.part = used.part
