-- Entries that stand under some request ids, with the lots that paid them as "sequence:points:earned time,…".
SELECT entry.account_id, entry.sequence, entry.kind, entry.points, entry.balance_after, entry.occurred_time,
       entry.recorded_time, entry.request_id, entry.order_id, entry.rule_id, entry.reason, entry.actor, entry.channel,
       entry.location, uses.list AS lot_uses, entry.content
FROM points.entry
LEFT JOIN LATERAL (
    SELECT string_agg(lot_use.lot_sequence || '|' || lot_use.points || '|' || lot_use.earned_time, ','
                      ORDER BY lot_use.earned_time, lot_use.lot_sequence) AS list
    FROM points.lot_use
    WHERE lot_use.program_key = entry.program_key AND lot_use.account_id = entry.account_id
      AND lot_use.sequence = entry.sequence
) AS uses ON entry.points < 0
WHERE entry.program_key = $1 AND entry.request_id = ANY ($2::text[])
