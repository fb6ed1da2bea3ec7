-- When something is due next in the program; NULL: never.
SELECT min(due_time) AS due_time FROM referral.referral WHERE program_key = $1 AND due_time IS NOT NULL
