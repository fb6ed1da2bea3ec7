SELECT referrals, points, referral_id, reach_time
FROM referral.milestone
WHERE program_key = $1 AND campaign_id = $2 AND referrer_id = $3 AND fall_time IS NULL
ORDER BY referrals
