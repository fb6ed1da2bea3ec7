-- A code for a member; no row if the code is taken, or the member has one of this kind in the campaign.
INSERT INTO referral.code (program_key, code, kind, campaign_id, member_id, create_time)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
RETURNING code, kind, campaign_id, member_id, create_time AS code_create_time
