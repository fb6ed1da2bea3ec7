-- For this transaction: statements end in time.
SELECT set_config('statement_timeout', '10s', true)
