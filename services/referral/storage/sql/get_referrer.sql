-- A campaign, and what counts for a member in it; NULLs if the member has not referred anybody.
SELECT referrer.referrer_id, referrer.claimed, referrer.qualified, referrer.rewarded, referrer.paying,
       referrer.promised_points, referrer.awarded_points, referrer.paying_by_month,
       campaign.campaign_id, campaign.state AS campaign_state, campaign.version, campaign.create_time,
       campaign.update_time,
       version.display_name, version.trigger, version.minimum_amount_minor,
       version.start_time, version.end_time, version.attribution_days, version.hold_days,
       version.referrals_per_lifetime, version.referrals_per_month, version.points_per_lifetime,
       version.existing_buyers_allowed, version.friend_points, version.brackets, version.milestones, version.code_length
FROM referral.campaign
JOIN referral.campaign_version AS version
    ON version.program_key = campaign.program_key AND version.campaign_id = campaign.campaign_id
    AND version.version = campaign.version
LEFT JOIN referral.referrer
    ON referrer.program_key = campaign.program_key AND referrer.campaign_id = campaign.campaign_id
    AND referrer.referrer_id = $3
WHERE campaign.program_key = $1 AND campaign.campaign_id = $2
