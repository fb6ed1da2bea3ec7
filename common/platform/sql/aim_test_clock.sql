-- Stores where the clock is to be advanced to. Nothing if it is past that already.
UPDATE platform.test_clock SET target_time = $2 WHERE program_key = $1 AND clock_time <= $2
