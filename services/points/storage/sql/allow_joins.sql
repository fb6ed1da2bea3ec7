-- For this transaction: what is found of a range of accounts may be joined in the best way.
SELECT set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true)
