UPDATE points.account
SET balance = new.balance, last_sequence = new.last_sequence, last_recorded_time = new.last_recorded_time
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
    AS new (account_id, balance, last_sequence, last_recorded_time)
WHERE account.program_key = $1 AND account.account_id = new.account_id
