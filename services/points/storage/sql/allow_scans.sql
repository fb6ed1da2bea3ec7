-- For this transaction: statements that read whole tables may do so in the best way, and take their time. Plans stay
-- generic: what is known of a new program's rows is that there are none, and a plan for none takes hours.
SELECT set_config('enable_seqscan', 'on', true), set_config('enable_hashjoin', 'on', true),
       set_config('enable_mergejoin', 'on', true), set_config('statement_timeout', '30min', true),
       set_config('work_mem', '256MB', true)
