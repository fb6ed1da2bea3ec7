-- One more claim of a referrer, who is made if there is none.
INSERT INTO referral.referrer (program_key, campaign_id, referrer_id, claimed)
VALUES ($1, $2, $3, 1)
ON CONFLICT (program_key, campaign_id, referrer_id) DO UPDATE SET claimed = referrer.claimed + 1
