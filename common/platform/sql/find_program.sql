-- A program by its id, with its test clock if it has one.
SELECT program.program_key, program.program_id, program.currency_code, program.time_zone, test_clock.clock_time
FROM platform.program
LEFT JOIN platform.test_clock ON test_clock.program_key = program.program_key
WHERE program.program_id = $1
