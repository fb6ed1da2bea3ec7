-- Each purchase has its entry, and each such entry its purchase.
SELECT 'purchase' AS invariant, coalesce(entry.account_id, purchase.account_id) AS account_id,
       format('order %s and entry %s do not name each other', coalesce(purchase.order_id, entry.order_id),
              coalesce(entry.sequence, purchase.sequence)) AS description
FROM (SELECT account_id, sequence, order_id FROM points.entry WHERE program_key = $1 AND kind = 1) AS entry
FULL JOIN (SELECT account_id, sequence, order_id FROM points.purchase WHERE program_key = $1) AS purchase
       ON purchase.order_id = entry.order_id AND purchase.account_id = entry.account_id
      AND purchase.sequence = entry.sequence
WHERE entry.order_id IS NULL OR purchase.order_id IS NULL
LIMIT 100
