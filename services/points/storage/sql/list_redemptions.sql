-- A page of a member's redemptions, the newest first, before a sequence. A member without any gives one row with the
-- member only; no member, no row.
SELECT member.member_id, page.*
FROM points.member
LEFT JOIN LATERAL (
    SELECT redemption.sequence, redemption.reward_id, redemption.state, redemption.code, entry.points,
           entry.request_id, entry.order_id, entry.occurred_time
    FROM points.redemption
    JOIN points.entry ON entry.program_key = $1 AND entry.account_id = redemption.account_id
        AND entry.sequence = redemption.sequence
    WHERE redemption.program_key = $1 AND redemption.account_id = member.account_id AND redemption.sequence < $3
    ORDER BY redemption.sequence DESC
    LIMIT $4
) AS page ON true
WHERE member.program_key = $1 AND member.member_id = $2
ORDER BY page.sequence DESC
