-- An order is one entry: that of its purchase. Of the accounts from $2 to $3.
SELECT 'purchase' AS invariant, max(account_id) AS account_id,
       format('order %s has %s entries', order_id, count(*)) AS description
FROM points.entry
WHERE program_key = $1 AND account_id BETWEEN $2 AND $3 AND kind = 1
GROUP BY order_id
HAVING order_id IS NULL OR count(*) > 1
LIMIT 100
