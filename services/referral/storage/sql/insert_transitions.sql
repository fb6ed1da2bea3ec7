INSERT INTO referral.transition (program_key, referral_id, sequence, state, reason, time, actor)
SELECT $1, $2, unnest($3::bigint[]), unnest($4::bigint[]), unnest($5::bigint[]), $6::timestamptz, $7
