-- A claim; no row if the friend was claimed before.
INSERT INTO referral.referral (program_key, campaign_id, campaign_version, code, referrer_id, friend_id, state,
       due_time,
                               claim_time, expire_time, transition_count)
VALUES ($1, $2, $3, $4, $5, $6, 1, $8, $7, $8, 1)
ON CONFLICT (program_key, friend_id) DO NOTHING
RETURNING referral_id
