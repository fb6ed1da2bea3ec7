UPDATE referral.campaign
SET state = $3, version = $4, update_time = $5
WHERE program_key = $1 AND campaign_id = $2
