-- A page of a member's entries, newest first, before a sequence. A member without such entries gives one row with the
-- member only, a program without the member one with its key only; no program, no row.
SELECT entry.account_id, entry.sequence, entry.kind, entry.points, entry.balance_after, entry.occurred_time,
       entry.recorded_time, entry.request_id, entry.order_id, entry.rule_id, entry.reason, entry.actor, entry.channel,
       entry.location, entry.lot_uses, entry.cause, entry.awards, entry.corrected_sequence, entry.return_id,
       entry.shortfall, entry.total_minor, entry.label, entry.pending, entry.held, entry.debt, entry.expire_time,
       entry.activity_id, entry.detail, entry.lines, entry.labels, program.currency_code,
       member.member_id
FROM platform.program
LEFT JOIN points.member ON member.program_key = program.program_key AND member.member_id = $2
LEFT JOIN LATERAL (
    SELECT *
    FROM points.entry_in_full AS entry
    WHERE entry.program_key = member.program_key AND entry.account_id = member.account_id AND entry.sequence < $3
      AND (cardinality($4::bigint[]) = 0 OR entry.kind = ANY ($4::bigint[]))
      AND entry.occurred_time >= $5::timestamptz AND entry.occurred_time < $6::timestamptz
      AND entry.recorded_time >= $7::timestamptz AND entry.recorded_time < $8::timestamptz
    ORDER BY sequence DESC
    LIMIT $9
) AS entry ON true
WHERE program.program_id = $1
ORDER BY entry.sequence DESC
