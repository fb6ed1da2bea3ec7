-- What a charity was given in a period, by reward and by rule, also those who were merged into it. A member who was given
-- nothing gives one row without points; no member, no row.
SELECT given.*
FROM points.member
LEFT JOIN LATERAL (
    SELECT detail ->> 'reward' AS reward_id, CASE WHEN detail ? 'reward' THEN NULL ELSE rule_id END AS rule_id,
           points.total(sum(points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0))) AS points,
           count(*) AS donations
    FROM points.accounts_of_person($1, member.account_id) AS person (account_id)
    JOIN points.entry ON entry.program_key = $1 AND entry.account_id = person.account_id AND kind = 19
      AND occurred_time >= $3::timestamptz AND occurred_time < $4::timestamptz
    GROUP BY 1, 2
) AS given ON true
WHERE member.program_key = $1 AND member.member_id = $2
ORDER BY given.reward_id COLLATE "C" NULLS LAST, given.rule_id COLLATE "C"
