-- A page of a member's redemptions, also of those who were merged into the member, the newest first, before a position. A
-- member without any gives one row with nulls; no member, no row.
SELECT page.*
FROM points.member AS asked
LEFT JOIN LATERAL (
    SELECT entry.sequence, entry.position, redemption.reward_id, redemption.state, redemption.code, entry.points,
           entry.request_id, entry.order_id, entry.occurred_time,
           (SELECT owner.member_id FROM points.member AS owner
            WHERE owner.program_key = $1 AND owner.account_id = person.account_id
            LIMIT 1) AS member_id
    FROM points.accounts_of_person($1, asked.account_id) AS person (account_id)
    JOIN points.redemption ON redemption.program_key = $1 AND redemption.account_id = person.account_id
    JOIN points.entry ON entry.program_key = $1 AND entry.account_id = redemption.account_id
        AND entry.sequence = redemption.sequence
    WHERE entry.position < $3
    ORDER BY entry.position DESC
    LIMIT $4
) AS page ON true
WHERE asked.program_key = $1 AND asked.member_id = $2
ORDER BY page.position DESC
