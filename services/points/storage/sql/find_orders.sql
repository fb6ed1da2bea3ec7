-- Entries of the purchases that stand under some order ids.
SELECT entry.account_id, entry.sequence, entry.kind, entry.points, entry.balance_after, entry.occurred_time,
       entry.recorded_time, entry.request_id, entry.order_id, entry.rule_id, entry.reason, entry.actor, entry.channel,
       entry.location, NULL AS lot_uses, entry.content
FROM points.purchase
JOIN points.entry ON entry.program_key = purchase.program_key AND entry.account_id = purchase.account_id
                 AND entry.sequence = purchase.sequence
WHERE purchase.program_key = $1 AND purchase.order_id = ANY ($2::text[])
