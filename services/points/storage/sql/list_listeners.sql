-- Members of a program who may be given something, by their accounts, after one of them: neither gone nor merged, nor one
-- with a member who was given it and then merged into them; $4 is what the request ids of the givings begin with.
SELECT account.account_id, member.member_id
FROM points.account
JOIN points.member ON member.program_key = $1 AND member.account_id = account.account_id
WHERE account.program_key = $1 AND account.account_id > $2 AND account.merged_into IS NULL
  AND member.merged_account_id IS NULL AND member.close_time IS NULL
  AND NOT EXISTS (
      SELECT FROM points.account AS merged
      JOIN points.entry ON entry.program_key = $1 AND entry.request_id = $4 || merged.account_id::text
      WHERE merged.program_key = $1 AND merged.merged_into = account.account_id
  )
ORDER BY account.account_id
LIMIT $3
