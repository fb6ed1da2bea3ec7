-- The accounts that lock_accounts locked, by their places.
UPDATE points.account
SET balance = new.balance, last_sequence = new.last_sequence, last_recorded_time = new.last_recorded_time
FROM (
    SELECT unnest($2::text[])::tid AS place, unnest($3::bigint[]) AS balance, unnest($4::bigint[]) AS last_sequence,
           unnest($5::timestamptz[]) AS last_recorded_time
) AS new
WHERE account.program_key = $1 AND account.ctid = new.place
