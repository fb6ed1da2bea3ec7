-- A reward of a program, with what is redeemed of it and the codes that nobody has.
SELECT reward_id, display_name, content, create_time, update_time, archive_time,
       (SELECT used FROM points.counter
        WHERE counter.program_key = $1 AND counter.name = 'stock:' || reward.reward_id) AS redeemed,
       (SELECT count(*) FROM points.reward_code
        WHERE reward_code.program_key = $1 AND reward_code.reward_id = reward.reward_id
          AND reward_code.account_id IS NULL) AS free_codes
FROM points.reward
WHERE program_key = $1 AND reward_id = $2
