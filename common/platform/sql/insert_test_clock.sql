-- Gives a new program a clock of its own.
INSERT INTO platform.test_clock (program_key, clock_time, target_time) VALUES ($1, $2, $2)
