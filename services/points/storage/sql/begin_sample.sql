-- For this transaction: statements on a few accounts are planned for these, and end in time.
SELECT set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true),
       set_config('statement_timeout', '10s', true), set_config('plan_cache_mode', 'force_custom_plan', true)
