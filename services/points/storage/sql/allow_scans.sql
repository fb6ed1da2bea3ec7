-- For this transaction: statements that read whole tables may do so in the best way, and take their time.
SELECT set_config('enable_seqscan', 'on', true), set_config('enable_hashjoin', 'on', true),
       set_config('enable_mergejoin', 'on', true), set_config('statement_timeout', '30min', true),
       set_config('work_mem', '256MB', true), set_config('plan_cache_mode', 'force_custom_plan', true)
