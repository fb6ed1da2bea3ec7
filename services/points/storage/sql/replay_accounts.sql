-- The next $4 accounts from $2 to $3, and those that were merged into them: their state beside points.
WITH sought AS MATERIALIZED (
    SELECT account_id
    FROM points.account
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
    ORDER BY account_id
    LIMIT $4
)
SELECT account.account_id, account.merged_into, account.purchases, account.last_recorded_time, account.state,
       coalesce(member.enroll_time, '-infinity') AS enroll_time, family.sought
FROM (
    SELECT account_id, bool_or(sought) AS sought
    FROM (
        SELECT account_id, true AS sought FROM sought
        UNION ALL
        SELECT account.account_id, false
        FROM sought
        JOIN points.account ON account.program_key = $1 AND account.merged_into = sought.account_id
    ) AS one
    GROUP BY account_id
) AS family
JOIN points.account ON account.program_key = $1 AND account.account_id = family.account_id
LEFT JOIN LATERAL (
    SELECT enroll_time FROM points.member
    WHERE member.program_key = $1 AND member.account_id = account.account_id
    LIMIT 1
) AS member ON true
ORDER BY account.account_id
