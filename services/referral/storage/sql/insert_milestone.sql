INSERT INTO referral.milestone (program_key, referral_id, referrals, campaign_id, referrer_id, points, reach_time)
VALUES ($1, $2, $3, $4, $5, $6, $7)
