-- Entries of a program after a position and up to another, the oldest first: of one member or of all.
SELECT entry.position, entry.account_id, entry.sequence, entry.kind, entry.points, entry.balance_after,
       entry.occurred_time, entry.recorded_time, entry.request_id, entry.order_id, entry.rule_id, entry.reason,
       entry.actor, entry.channel, entry.location, entry.lot_uses, entry.cause, entry.awards, entry.corrected_sequence,
       entry.return_id, entry.shortfall, entry.total_minor, entry.label, entry.pending, entry.held, entry.debt, entry.expire_time,
       entry.activity_id, entry.detail, entry.lines, entry.labels, entry.member_id,
       (SELECT currency_code FROM platform.program WHERE program.program_key = $1) AS currency_code
FROM points.entry_in_full AS entry
WHERE entry.program_key = $1 AND entry.position > $2 AND entry.position <= $3
  AND ($4::text = '' OR entry.account_id = (SELECT account_id FROM points.member
                                            WHERE member.program_key = $1 AND member.member_id = $4::text))
ORDER BY entry.position
LIMIT $5
