-- Something on an account that is due by $4 is looked at again later; unless somebody else brought it up to date.
UPDATE points.account
SET next_due_time = $3
FROM points.member
WHERE account.program_key = $1 AND member.program_key = $1 AND member.member_id = $2
  AND account.account_id = member.account_id AND account.next_due_time <= $4
