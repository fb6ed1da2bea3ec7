-- The campaign waits for nobody else until the transaction ends.
SELECT version FROM referral.campaign WHERE program_key = $1 AND campaign_id = $2 FOR NO KEY UPDATE
