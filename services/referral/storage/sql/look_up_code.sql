-- A code with its campaign.
SELECT code.code, code.kind, code.member_id, code.create_time AS code_create_time,
       campaign.campaign_id, campaign.state AS campaign_state, campaign.version, campaign.create_time,
       campaign.update_time,
       version.display_name, version.trigger, version.minimum_amount_minor,
       version.start_time, version.end_time, version.attribution_days, version.hold_days,
       version.referrals_per_lifetime, version.referrals_per_month, version.points_per_lifetime,
       version.existing_buyers_allowed, version.friend_points, version.brackets, version.milestones, version.code_length
FROM referral.code
JOIN referral.campaign ON campaign.program_key = code.program_key AND campaign.campaign_id = code.campaign_id
JOIN referral.campaign_version AS version
    ON version.program_key = campaign.program_key AND version.campaign_id = campaign.campaign_id
    AND version.version = campaign.version
WHERE code.program_key = $1 AND code.code = $2
