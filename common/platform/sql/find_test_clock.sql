-- A program's test clock.
SELECT clock_time, target_time FROM platform.test_clock WHERE program_key = $1
