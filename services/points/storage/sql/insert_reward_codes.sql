-- Codes of a reward, numbered in the order in which they stand; those that the program has already are left out. How many
-- were added.
WITH added AS (
    INSERT INTO points.reward_code (program_key, code, reward_id, number)
    SELECT $1, code, $2, nextval('points.reward_code_number')
    FROM (SELECT code FROM unnest($3::text[]) WITH ORDINALITY AS sent (code, place) ORDER BY place) AS ordered
    ON CONFLICT (program_key, code) DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM added
