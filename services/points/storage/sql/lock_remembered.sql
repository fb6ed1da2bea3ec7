-- The accounts of a batch that was decided on what is remembered of them, locked before their lots are written, in the
-- order of their ids.
SELECT account_id
FROM points.account
WHERE program_key = $1 AND account_id = ANY ($2::bigint[])
ORDER BY account_id
FOR NO KEY UPDATE
