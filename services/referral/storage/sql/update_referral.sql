-- What a decision changed; empty texts stand for NULL.
UPDATE referral.referral
SET state = $3, due_time = nullif($4, '')::timestamptz, sign_up_time = nullif($5, '')::timestamptz,
    qualify_time = nullif($6, '')::timestamptz, hold_until_time = nullif($7, '')::timestamptz,
    reward_time = nullif($8, '')::timestamptz, ordinal = nullif($9::bigint, 0), order_id = nullif($10, ''),
    order_amount_minor = $11, friend_points = $12, referrer_points = $13, cap = $14, returned_minor = $15,
    returned_of_minor = $16, friend_awarded = $17, referrer_awarded = $18, referrer_standing_points = $19,
    transition_count = $20
WHERE program_key = $1 AND referral_id = $2
