-- A page of campaigns, after an id.
SELECT campaign.campaign_id, campaign.state AS campaign_state, campaign.version, campaign.create_time,
       campaign.update_time,
       version.display_name, version.trigger, version.minimum_amount_minor,
       version.start_time, version.end_time, version.attribution_days, version.hold_days,
       version.referrals_per_lifetime, version.referrals_per_month, version.points_per_lifetime,
       version.existing_buyers_allowed, version.friend_points, version.brackets, version.milestones, version.code_length
FROM referral.campaign
JOIN referral.campaign_version AS version
    ON version.program_key = campaign.program_key AND version.campaign_id = campaign.campaign_id
    AND version.version = campaign.version
WHERE campaign.program_key = $1 AND campaign.campaign_id > $2
ORDER BY campaign.campaign_id
LIMIT $3
