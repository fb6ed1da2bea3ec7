-- An account's labels are those that its entries set; of those with the same name and beginning, the last. Of the
-- accounts from $2 to $3.
SELECT 'label' AS invariant, coalesce(account.account_id, posted.account_id) AS account_id,
       format('the account carries %s, its entries set %s', coalesce(account.labels, '[]'), coalesce(posted.labels, '[]'))
           AS description
FROM (SELECT account_id, labels FROM points.account WHERE program_key = $1 AND account_id BETWEEN $2 AND $3 AND labels IS NOT NULL) AS account
FULL JOIN (
    SELECT account_id, jsonb_agg(label ORDER BY label ->> 'label' COLLATE "C", (label ->> 'from')::timestamptz) AS labels
    FROM (
        SELECT DISTINCT ON (account_id, label -> 'label', label -> 'from') account_id, label
        FROM points.entry
        WHERE program_key = $1 AND account_id BETWEEN $2 AND $3 AND kind = 7
        ORDER BY account_id, label -> 'label', label -> 'from', sequence DESC
    ) AS last
    GROUP BY account_id
) AS posted ON posted.account_id = account.account_id
WHERE account.labels IS DISTINCT FROM posted.labels
LIMIT 100
