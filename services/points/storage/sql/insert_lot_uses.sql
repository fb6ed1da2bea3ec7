INSERT INTO points.lot_use (program_key, account_id, sequence, lot_sequence, points, earned_time, expire_time, part)
SELECT $1, unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::bigint[]), unnest($5::bigint[]),
       unnest($6::timestamptz[]), unnest($7::timestamptz[]), unnest($8::bigint[])::integer
