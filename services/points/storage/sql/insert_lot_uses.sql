INSERT INTO points.lot_use (program_key, account_id, sequence, lot_sequence, points, earned_time)
SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::timestamptz[])
