-- What the planner believes before there is data: see docs/adr/0003-planner-sample.md. Nobody can have the program 0,
-- and none of its referrals is ever due.
INSERT INTO referral.campaign SELECT 0, 'sample-' || i, 4, 1, now(), now() FROM generate_series(1, 30) AS i;
INSERT INTO referral.campaign_version (program_key, campaign_id, version, display_name, trigger, minimum_amount_minor,
                                       start_time, end_time, attribution_days, hold_days, referrals_per_lifetime,
                                       referrals_per_month, points_per_lifetime, existing_buyers_allowed, friend_points,
                                       brackets, milestones, code_length)
SELECT 0, 'sample-' || i, 1, 'sample', 1, 0, '-infinity', 'infinity', 1, 0, 0, 0, 0, false, 0, '[]', '[]', 7
FROM generate_series(1, 30) AS i;
INSERT INTO referral.member SELECT 0, 'sample-' || i, 'infinity' FROM generate_series(1, 3000) AS i;
INSERT INTO referral.code SELECT 0, 'sample-' || i, 1, 'sample-' || (i % 30 + 1), 'sample-' || i, now()
FROM generate_series(1, 3000) AS i;
INSERT INTO referral.referrer (program_key, campaign_id, referrer_id, claimed, qualified)
SELECT 0, 'sample-' || (i % 30 + 1), 'sample-' || i, 1, 1 FROM generate_series(1, 3000) AS i;
INSERT INTO referral.referral (program_key, referral_id, campaign_id, campaign_version, code, referrer_id, friend_id,
                               state, due_time, claim_time, expire_time, qualify_time, reward_time, ordinal, order_id,
                               transition_count)
SELECT 0, i, 'sample-' || (i % 30 + 1), 1, 'sample-' || i, 'sample-' || i, 'friend-' || i, i % 3 + 2,
       'infinity', now(), 'infinity', now(), now(), 1, 'sample-' || i, 1
FROM generate_series(1, 3000) AS i;
INSERT INTO referral.transition SELECT 0, i, 1, 1, 1, now(), '' FROM generate_series(1, 3000) AS i;
INSERT INTO referral.milestone SELECT 0, i, 1, 'sample-' || (i % 30 + 1), 'sample-' || i, 1, now()
FROM generate_series(1, 3000) AS i;

ALTER TABLE referral.campaign ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE referral.campaign_version ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE referral.member ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE referral.code ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE referral.referrer ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE referral.referral ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE referral.transition ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE referral.milestone ALTER COLUMN program_key SET (n_distinct = 1);
ANALYZE referral.campaign, referral.campaign_version, referral.member, referral.code, referral.referrer,
        referral.referral, referral.transition, referral.milestone;
