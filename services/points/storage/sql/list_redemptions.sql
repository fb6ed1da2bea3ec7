-- A page of a member's redemptions, also of those who were merged into the member, the newest first, before a position. A
-- member without any gives one row with nulls; no member, no row.
SELECT page.*
FROM points.member AS asked
JOIN points.account AS home ON home.program_key = $1 AND home.account_id = asked.account_id
LEFT JOIN LATERAL (
    SELECT entry.sequence, entry.position, redemption.reward_id, redemption.state, redemption.code, entry.points,
           entry.request_id, entry.order_id, entry.occurred_time,
           (SELECT owner.member_id FROM points.member AS owner
            WHERE owner.program_key = $1 AND owner.account_id = person.account_id
            LIMIT 1) AS member_id
    FROM (
        SELECT coalesce(home.merged_into, home.account_id) AS account_id
        UNION ALL
        SELECT account_id FROM points.account AS other
        WHERE other.program_key = $1 AND other.merged_into = coalesce(home.merged_into, home.account_id)
    ) AS person
    JOIN points.redemption ON redemption.program_key = $1 AND redemption.account_id = person.account_id
    JOIN points.entry ON entry.program_key = $1 AND entry.account_id = redemption.account_id
        AND entry.sequence = redemption.sequence
    WHERE entry.position < $3
    ORDER BY entry.position DESC
    LIMIT $4
) AS page ON true
WHERE asked.program_key = $1 AND asked.member_id = $2
ORDER BY page.position DESC
