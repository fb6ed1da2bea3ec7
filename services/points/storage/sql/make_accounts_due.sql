-- All accounts of a program are brought up to date again, each before its next entry or by the job; but for those that
-- were merged, on which nothing happens any more.
UPDATE points.account SET next_due_time = $2 WHERE program_key = $1 AND next_due_time > $2 AND merged_into IS NULL
