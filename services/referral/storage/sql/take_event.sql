-- True for the first time in a transaction; the setting ends with it.
SELECT CASE WHEN coalesce(current_setting('referral.event_taken', true), '') = ''
            THEN set_config('referral.event_taken', 'yes', true) = 'yes'
            ELSE false END AS is_first
