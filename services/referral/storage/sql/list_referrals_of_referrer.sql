-- A page of a referrer's referrals, newest first, with ids below one; of one campaign, or with '' of all.
SELECT referral.referral_id, referral.campaign_id, referral.campaign_version, referral.code, referral.referrer_id,
       referral.friend_id, referral.state, referral.claim_time, referral.expire_time, referral.sign_up_time,
       referral.qualify_time, referral.hold_until_time, referral.reward_time, referral.ordinal, referral.order_id,
       referral.order_amount_minor, referral.friend_points AS friend_points_promised, referral.referrer_points,
       referral.cap,
       referral.returned_minor, referral.returned_of_minor, referral.friend_awarded, referral.referrer_awarded,
       referral.transition_count
FROM referral.referral
WHERE program_key = $1 AND referrer_id = $2 AND ($6 = '' OR campaign_id = $6) AND referral_id < $3
  AND (cardinality($4::bigint[]) = 0 OR state = ANY ($4::bigint[]))
ORDER BY referral_id DESC
LIMIT $5
