-- Members of a program who may be given something, by their accounts after $2; neither gone, nor with somebody merged into
-- them who was given it; $4 is what the request ids of the givings begin with. If $5, also those who were gone by already
-- and into whom somebody was merged since, by the account of that one: `holder_id` is theirs.
SELECT account.account_id, coalesce(account.merged_into, account.account_id) AS holder_id, member.member_id
FROM points.account
JOIN points.member ON member.program_key = $1
    AND member.account_id = coalesce(account.merged_into, account.account_id)
WHERE account.program_key = $1 AND account.account_id > $2
  AND (account.merged_into IS NULL
       OR $5 AND account.merged_into <= $2
          AND NOT EXISTS (SELECT FROM points.entry
                          WHERE program_key = $1 AND request_id = $4 || account.merged_into::text))
  AND member.close_time IS NULL
  AND NOT EXISTS (
      SELECT FROM points.account AS merged
      JOIN points.entry ON entry.program_key = $1 AND entry.request_id = $4 || merged.account_id::text
      WHERE merged.program_key = $1 AND merged.merged_into = member.account_id
  )
ORDER BY account.account_id
LIMIT $3
