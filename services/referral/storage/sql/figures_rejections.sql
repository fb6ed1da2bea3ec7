-- How many rejected referrals each program has, by the reason: that of their last transition.
SELECT program.program_id AS program,
       (ARRAY['code_used', 'signed_up', 'purchased', 'hold_began', 'hold_ended', 'existing_buyer', 'window_passed',
              'order_returned'])[transition.reason] AS reason,
       count(*) AS rejected
FROM referral.referral
JOIN referral.transition ON transition.program_key = referral.program_key
    AND transition.referral_id = referral.referral_id AND transition.sequence = referral.transition_count
JOIN platform.program ON program.program_key = referral.program_key
WHERE referral.state = 5
GROUP BY program.program_id, transition.reason
