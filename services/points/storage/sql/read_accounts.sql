-- The accounts of some members, as they are stored.
SELECT member.member_id, account.account_id, account.balance, account.last_sequence, account.last_recorded_time,
       account.labels, account.pending, account.held, account.debt, account.purchases, account.active_time,
       account.next_due_time, account.state, member.enroll_time, member.profile
FROM points.member
JOIN points.account ON account.program_key = member.program_key AND account.account_id = member.account_id
WHERE member.program_key = $1 AND member.member_id = ANY ($2::text[])
ORDER BY account.account_id
