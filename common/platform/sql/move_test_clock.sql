-- Moves the clock forward, never back.
UPDATE platform.test_clock
SET clock_time = $2, target_time = greatest(target_time, $2)
WHERE program_key = $1 AND clock_time <= $2
