INSERT INTO points.lot (program_key, account_id, earned_time, sequence, remaining)
SELECT $1, unnest($2::bigint[]), unnest($3::timestamptz[]), unnest($4::bigint[]), unnest($5::bigint[])
