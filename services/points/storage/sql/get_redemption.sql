-- A redemption by its request id.
SELECT entry.sequence, entry.position, redemption.reward_id, redemption.state, redemption.code, entry.points, entry.request_id,
       entry.order_id, entry.occurred_time,
       (SELECT member.member_id FROM points.member
        WHERE member.program_key = $1 AND member.account_id = entry.account_id
        LIMIT 1) AS member_id
FROM points.entry
JOIN points.redemption ON redemption.program_key = $1 AND redemption.account_id = entry.account_id
    AND redemption.sequence = entry.sequence
WHERE entry.program_key = $1 AND entry.request_id = $2 AND entry.kind = 20
