-- Redemptions by their request ids. After their accounts are locked.
SELECT redemption.account_id, redemption.sequence, redemption.reward_id, redemption.state, redemption.code,
       redemption.code_number, redemption.limit_window
FROM points.entry
JOIN points.redemption ON redemption.program_key = $1 AND redemption.account_id = entry.account_id
    AND redemption.sequence = entry.sequence
WHERE entry.program_key = $1 AND entry.request_id = ANY ($2::text[]) AND entry.kind = 20
