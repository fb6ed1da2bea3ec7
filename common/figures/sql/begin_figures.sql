-- For this transaction: a figure may read whole tables in the best way, on one processor and not for long.
SELECT set_config('enable_seqscan', 'on', true), set_config('enable_hashjoin', 'on', true),
       set_config('enable_mergejoin', 'on', true), set_config('plan_cache_mode', 'force_custom_plan', true),
       set_config('max_parallel_workers_per_gather', '0', true), set_config('work_mem', '64MB', true),
       set_config('statement_timeout', '30s', true)
