-- The accounts of some members, as they are stored, as in lock_accounts.
SELECT member.member_id, account.account_id, account.balance, account.last_sequence, account.last_recorded_time,
       account.labels, account.pending, account.held, account.debt, account.purchases, account.active_time,
       account.next_due_time, account.state, coalesce(owner.enroll_time, member.enroll_time) AS enroll_time,
       CASE WHEN owner.member_id IS NULL THEN member.profile ELSE owner.profile END AS profile,
       coalesce(owner.close_time, member.close_time) AS close_time, owner.member_id AS owner_id,
       account.merged_into IS NOT NULL
           OR account.profile_sequence <> coalesce(owner.profile_sequence, member.profile_sequence) AS outdated
FROM points.member
JOIN points.account ON account.program_key = member.program_key
    AND account.account_id = coalesce(member.merged_account_id, member.account_id)
LEFT JOIN points.member AS owner ON owner.program_key = member.program_key
    AND owner.account_id = member.merged_account_id
WHERE member.program_key = $1 AND member.member_id = ANY ($2::text[])
ORDER BY account.account_id
