-- Referrals on which something is due at a time, the longest due first.
SELECT referral_id
FROM referral.referral
WHERE program_key = $1 AND due_time <= $2
ORDER BY due_time, referral_id
LIMIT $3
