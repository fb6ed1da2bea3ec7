-- The next $3 accounts of any program after one, in the order of their keys.
SELECT account.program_key, program.program_id, account.account_id, account.last_sequence
FROM (
    SELECT program_key, account_id, last_sequence
    FROM points.account
    WHERE (program_key, account_id) > ($1, $2) AND program_key > 0
    ORDER BY program_key, account_id
    LIMIT $3
) AS account
JOIN platform.program ON program.program_key = account.program_key
ORDER BY account.program_key, account.account_id
