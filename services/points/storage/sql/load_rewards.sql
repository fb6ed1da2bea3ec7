-- Some rewards, each with its first free codes, as many as may be given out. After their counters are locked, which
-- everybody holds who gives out a code or changes a reward.
SELECT reward.reward_id, reward.display_name, reward.content, reward.create_time, reward.update_time,
       reward.archive_time, codes.numbers, codes.codes
FROM unnest($2::text[], $3::bigint[]) AS wanted (reward_id, most)
JOIN points.reward ON reward.program_key = $1 AND reward.reward_id = wanted.reward_id
LEFT JOIN LATERAL (
    SELECT jsonb_agg(number ORDER BY number) AS numbers, jsonb_agg(code ORDER BY number) AS codes
    FROM (
        SELECT number, code
        FROM points.reward_code
        WHERE reward_code.program_key = $1 AND reward_code.reward_id = wanted.reward_id
          AND reward_code.account_id IS NULL
        ORDER BY number
        LIMIT wanted.most
    ) AS first
) AS codes ON true
