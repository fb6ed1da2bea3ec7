-- A reward, and the counter of its redemptions; empty texts are not given.
WITH stock AS (
    INSERT INTO points.counter (program_key, name, used) VALUES ($1, 'stock:' || $2, 0)
)
INSERT INTO points.reward (program_key, reward_id, display_name, content, charity_id, create_time, update_time)
VALUES ($1, $2, $3, $4, nullif($5, ''), $6, $6)
