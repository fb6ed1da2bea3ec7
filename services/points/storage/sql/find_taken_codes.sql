-- Which of some codes are in the program already.
SELECT code FROM points.reward_code WHERE program_key = $1 AND code = ANY ($2::text[])
