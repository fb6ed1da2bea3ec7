-- A row, if somebody who was merged into one of the accounts $2 was given what is given with the request ids that begin
-- with $3.
SELECT merged.account_id
FROM points.account AS merged
JOIN points.entry ON entry.program_key = $1 AND entry.request_id = $3 || merged.account_id::text
WHERE merged.program_key = $1 AND merged.merged_into = ANY ($2::bigint[])
LIMIT 1
