INSERT INTO points.lot (program_key, account_id, earned_time, sequence, remaining)
SELECT $1, * FROM unnest($2::bigint[], $3::timestamptz[], $4::bigint[], $5::bigint[])
