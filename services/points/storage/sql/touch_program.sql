-- Locks a program, and moves its update time on: batches that were decided on it as it was do not go through.
UPDATE platform.program
SET update_time = greatest($2::timestamptz, update_time + interval '1 microsecond')
WHERE program_key = $1
