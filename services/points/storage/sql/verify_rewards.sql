-- A reward's stock counts the redemptions that stand.
SELECT 'stock' AS invariant, NULL::bigint AS account_id,
       format('of the reward %s, %s are counted as redeemed, %s redemptions stand', reward_id, counter.used,
              coalesce(standing.count, 0)) AS description
FROM points.reward
LEFT JOIN points.counter ON counter.program_key = $1 AND counter.name = 'stock:' || reward.reward_id
LEFT JOIN (
    SELECT reward_id, count(*) FROM points.redemption WHERE program_key = $1 AND state <> 3 GROUP BY reward_id
) AS standing USING (reward_id)
WHERE reward.program_key = $1 AND counter.used IS DISTINCT FROM coalesce(standing.count, 0)
UNION ALL
-- An uploaded code is with the redemption that handed it out and stands; a free one with none.
SELECT 'code', coalesce(code.account_id, given.account_id),
       format('a code of the reward %s is with entry %s, by its redemption with entry %s',
              coalesce(code.reward_id, given.reward_id), code.sequence, given.sequence)
FROM (
    SELECT code.code, code.reward_id, code.account_id, code.sequence
    FROM points.reward_code AS code
    JOIN points.reward ON reward.program_key = $1 AND reward.reward_id = code.reward_id
        AND reward.content ->> 'kind' = 'uploaded_voucher'
    WHERE code.program_key = $1 AND code.account_id IS NOT NULL
) AS code
FULL JOIN (
    SELECT code, reward_id, account_id, sequence
    FROM points.redemption
    WHERE program_key = $1 AND state <> 3 AND code_number IS NOT NULL
) AS given ON given.code = code.code AND given.account_id = code.account_id AND given.sequence = code.sequence
WHERE code.code IS NULL OR given.code IS NULL
LIMIT 100
