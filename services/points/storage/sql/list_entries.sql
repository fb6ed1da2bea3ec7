-- A page of a member's entries, newest first, before a sequence. A member without such entries gives one row with the
-- member only, a program without the member one with its key only; no program, no row.
SELECT entry.account_id, entry.sequence, entry.kind, entry.points, entry.balance_after, entry.occurred_time,
       entry.recorded_time, entry.request_id, entry.order_id, entry.rule_id, entry.reason, entry.actor, entry.channel,
       entry.location, uses.list AS lot_uses, entry.total_minor, entry.lines, entry.labels,
       program.currency_code, member.member_id
FROM platform.program
LEFT JOIN points.member ON member.program_key = program.program_key AND member.member_id = $2
LEFT JOIN LATERAL (
    SELECT *
    FROM points.entry
    WHERE entry.program_key = member.program_key AND entry.account_id = member.account_id AND entry.sequence < $3
      AND (cardinality($4::bigint[]) = 0 OR entry.kind = ANY ($4::bigint[]))
      AND entry.occurred_time >= $5::timestamptz AND entry.occurred_time < $6::timestamptz
      AND entry.recorded_time >= $7::timestamptz AND entry.recorded_time < $8::timestamptz
    ORDER BY sequence DESC
    LIMIT $9
) AS entry ON true
LEFT JOIN LATERAL (
    SELECT string_agg(lot_use.lot_sequence || '|' || lot_use.points || '|' || lot_use.earned_time, ','
                      ORDER BY lot_use.earned_time, lot_use.lot_sequence) AS list
    FROM points.lot_use
    WHERE lot_use.program_key = entry.program_key AND lot_use.account_id = entry.account_id
      AND lot_use.sequence = entry.sequence
) AS uses ON entry.points < 0
WHERE program.program_id = $1
ORDER BY entry.sequence DESC
