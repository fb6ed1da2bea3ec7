SELECT code, kind, campaign_id, member_id, create_time AS code_create_time
FROM referral.code
WHERE program_key = $1 AND campaign_id = $2 AND member_id = $3 AND kind = $4
