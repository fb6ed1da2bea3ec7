-- The milestone no longer stands.
UPDATE referral.milestone
SET fall_time = $4
WHERE program_key = $1 AND referral_id = $2 AND referrals = $3
