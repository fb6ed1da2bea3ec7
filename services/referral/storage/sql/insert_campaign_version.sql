INSERT INTO referral.campaign_version (program_key, campaign_id, version, display_name, trigger, minimum_amount_minor,
                                       start_time, end_time, attribution_days, hold_days, referrals_per_lifetime,
                                       referrals_per_month, points_per_lifetime, existing_buyers_allowed, friend_points,
                                       brackets, milestones, code_length)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::jsonb, $17::jsonb, $18)
