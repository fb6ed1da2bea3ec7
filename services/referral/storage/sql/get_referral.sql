-- A referral and its history, one row for each state.
SELECT referral.referral_id, referral.campaign_id, referral.campaign_version, referral.code, referral.referrer_id,
       referral.friend_id, referral.state, referral.claim_time, referral.expire_time, referral.sign_up_time,
       referral.qualify_time, referral.hold_until_time, referral.reward_time, referral.ordinal, referral.order_id,
       referral.order_amount_minor, referral.friend_points AS friend_points_promised, referral.referrer_points,
       referral.cap,
       referral.returned_minor, referral.returned_of_minor, referral.friend_awarded, referral.referrer_awarded,
       referral.transition_count,
       transition.sequence, transition.state AS transition_state, transition.reason, transition.time, transition.actor
FROM referral.referral
JOIN referral.transition
    ON transition.program_key = referral.program_key AND transition.referral_id = referral.referral_id
WHERE referral.program_key = $1 AND referral.referral_id = $2
ORDER BY transition.sequence
