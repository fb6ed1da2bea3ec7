-- A new campaign; no row if the id is taken.
INSERT INTO referral.campaign (program_key, campaign_id, state, version, create_time, update_time)
VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (program_key, campaign_id) DO NOTHING
RETURNING version
