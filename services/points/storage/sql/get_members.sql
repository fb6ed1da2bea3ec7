-- What some members have now, and when something becomes due for them; of those who were merged, what the member into whom
-- has. A program without such members gives one row with
-- its key only; no program, no row.
SELECT program.program_key, member.member_id, coalesce(owner.enroll_time, member.enroll_time) AS enroll_time,
       coalesce(owner.close_time, member.close_time) AS close_time, owner.member_id AS owner_id, account.balance,
       account.pending, account.held, account.debt, account.last_sequence, account.labels, account.next_due_time,
       test_clock.clock_time
FROM platform.program
LEFT JOIN platform.test_clock ON test_clock.program_key = program.program_key
LEFT JOIN (
    points.member
    JOIN points.account ON account.program_key = member.program_key
        AND account.account_id = coalesce(member.merged_account_id, member.account_id)
    LEFT JOIN points.member AS owner ON owner.program_key = member.program_key
        AND owner.account_id = member.merged_account_id
) ON member.program_key = program.program_key AND member.member_id = ANY ($2::text[])
WHERE program.program_id = $1
