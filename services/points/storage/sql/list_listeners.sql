-- Members of a program who may be given something, by their accounts, after one of them: neither gone nor merged.
SELECT account.account_id, member.member_id
FROM points.account
JOIN points.member ON member.program_key = $1 AND member.account_id = account.account_id
WHERE account.program_key = $1 AND account.account_id > $2 AND account.merged_into IS NULL
  AND member.merged_account_id IS NULL AND member.close_time IS NULL
ORDER BY account.account_id
LIMIT $3
