-- The members to whom some rewards give, whose accounts a batch has to lock.
SELECT DISTINCT charity_id
FROM points.reward
WHERE program_key = $1 AND reward_id = ANY ($2::text[]) AND charity_id IS NOT NULL
