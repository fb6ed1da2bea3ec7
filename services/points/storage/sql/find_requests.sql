-- Entries that stand under some request ids.
SELECT account_id, sequence, kind, points, balance_after, occurred_time, recorded_time, request_id, order_id, rule_id,
       reason, actor, channel, location, lot_uses, cause, awards, corrected_sequence, return_id, shortfall, total_minor,
       label, pending, held, debt, expire_time, activity_id, detail, content, member_id
FROM points.entry_in_full
WHERE program_key = $1 AND request_id = ANY ($2::text[])
