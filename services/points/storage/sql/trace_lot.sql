-- Where the points went that an entry brought in: the entries that used them (below zero: gave them back), by sequence.
SELECT used.sequence, sum(used.points)::bigint AS points, entry.kind, entry.order_id, entry.request_id,
       entry.occurred_time
FROM points.lot_use AS used
JOIN points.entry ON entry.program_key = $1 AND entry.account_id = $2 AND entry.sequence = used.sequence
WHERE used.program_key = $1 AND used.account_id = $2 AND used.lot_sequence = $3
GROUP BY used.sequence, entry.kind, entry.order_id, entry.request_id, entry.occurred_time
ORDER BY used.sequence
