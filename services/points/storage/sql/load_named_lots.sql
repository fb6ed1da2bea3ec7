-- Lots by their keys, as far as they are open: those of entries that are taken back, and those that get points back.
SELECT lot.account_id, lot.sequence, lot.earned_time, lot.remaining, lot.expire_time, lot.part
FROM unnest($2::bigint[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::bigint[])
         AS named (account_id, expire_time, earned_time, sequence, part)
JOIN points.lot ON lot.program_key = $1 AND lot.account_id = named.account_id AND lot.expire_time = named.expire_time
    AND lot.earned_time = named.earned_time AND lot.sequence = named.sequence AND lot.part = named.part
