-- The accounts of some members: their own, or of whom they were merged into.
SELECT member_id, coalesce(merged_account_id, account_id) AS account_id
FROM points.member
WHERE program_key = $1 AND member_id = ANY ($2::text[])
