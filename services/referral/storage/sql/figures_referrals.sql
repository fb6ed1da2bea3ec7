-- How many referrals each program has in each state.
SELECT program.program_id AS program,
       (ARRAY['claimed', 'qualified', 'held', 'rewarded', 'rejected', 'expired', 'reversed'])[counted.state] AS state,
       counted.referrals
FROM (
    SELECT program_key, state, count(*) AS referrals FROM referral.referral GROUP BY program_key, state
) AS counted
JOIN platform.program ON program.program_key = counted.program_key
