-- Counters, locked in the order of their names. After the accounts.
SELECT name, used
FROM points.counter
WHERE program_key = $1 AND name = ANY ($2::text[])
ORDER BY name
FOR NO KEY UPDATE
