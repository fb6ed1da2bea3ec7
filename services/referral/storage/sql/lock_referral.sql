-- A referral and the terms under which it was claimed, locked until the transaction ends. The terms never change, so
-- they need no lock.
SELECT referral.referral_id, referral.campaign_id, referral.campaign_version, referral.code, referral.referrer_id,
       referral.friend_id, referral.state, referral.claim_time, referral.expire_time, referral.sign_up_time,
       referral.qualify_time, referral.hold_until_time, referral.reward_time, referral.ordinal, referral.order_id,
       referral.order_amount_minor, referral.friend_points AS friend_points_promised, referral.referrer_points,
       referral.cap,
       referral.returned_minor, referral.returned_of_minor, referral.friend_awarded, referral.referrer_awarded,
       referral.transition_count,
       version.display_name, version.trigger, version.minimum_amount_minor,
       version.start_time, version.end_time, version.attribution_days, version.hold_days,
       version.referrals_per_lifetime, version.referrals_per_month, version.points_per_lifetime,
       version.existing_buyers_allowed, version.friend_points, version.brackets, version.milestones, version.code_length
FROM referral.referral
JOIN referral.campaign_version AS version
    ON version.program_key = referral.program_key AND version.campaign_id = referral.campaign_id
    AND version.version = referral.campaign_version
WHERE referral.program_key = $1 AND referral.referral_id = $2
FOR UPDATE OF referral
