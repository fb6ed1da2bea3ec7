-- The rewards of some redemptions, by request id.
SELECT DISTINCT redemption.reward_id
FROM points.entry
JOIN points.redemption ON redemption.program_key = $1 AND redemption.account_id = entry.account_id
    AND redemption.sequence = entry.sequence
WHERE entry.program_key = $1 AND entry.request_id = ANY ($2::text[]) AND entry.kind = 20
