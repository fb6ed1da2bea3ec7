-- The entries that commands correct: orders (by order id), with the spendings for them by the same person, and other
-- entries (by request id); and what used or held points for an order that one pays for. With what was taken back or given
-- back so far, and of spendings with the lots that paid and those that got something back; of awards with the limits of
-- their rules, as they were then; of entries of an account that was merged, with who has it now, and what was corrected
-- since. OFFSET 0: by order and account, whatever the planner makes of a table that has no spendings yet.
WITH named AS (
    SELECT account_id, sequence, order_id, kind
    FROM points.entry
    WHERE program_key = $1 AND kind = 1 AND order_id = ANY ($2::text[])
    UNION ALL
    SELECT account_id, sequence, NULL, kind
    FROM points.entry
    WHERE program_key = $1 AND request_id = ANY ($3::text[])
    UNION ALL
    SELECT spent.account_id, spent.sequence, NULL, spent.kind
    FROM points.entry AS bought
    CROSS JOIN LATERAL points.accounts_of_person($1, bought.account_id) AS person (account_id)
    CROSS JOIN LATERAL (
        SELECT account_id, sequence, kind
        FROM points.entry AS used
        WHERE used.program_key = $1 AND used.account_id = person.account_id AND used.order_id = bought.order_id
          AND used.kind IN (3, 11)
        OFFSET 0
    ) AS spent
    WHERE bought.program_key = $1 AND bought.kind = 1 AND bought.order_id = ANY ($2::text[])
    UNION ALL
    SELECT spent.account_id, spent.sequence, NULL, spent.kind
    FROM unnest($4::bigint[], $5::text[]) AS asked (account_id, order_id)
    CROSS JOIN LATERAL points.accounts_of_person($1, asked.account_id) AS person (account_id)
    CROSS JOIN LATERAL (
        SELECT account_id, sequence, kind
        FROM points.entry AS used
        WHERE used.program_key = $1 AND used.account_id = person.account_id AND used.order_id = asked.order_id
          AND used.kind IN (3, 10, 11)
        OFFSET 0
    ) AS spent
)
SELECT entry.account_id, entry.sequence, entry.kind, entry.points, entry.pending, entry.held, entry.debt,
       entry.occurred_time, entry.recorded_time, entry.detail ? 'for_tier' AS for_tier, entry.request_id, entry.order_id,
       entry.cause, entry.total_minor, entry.lines, entry.awards, entry.expire_time, entry.detail, corrections.points AS corrected, corrections.since_merger,
       corrections.returned, corrections.returned_minor, corrections.returned_lines, uses.lot_uses, back.given_back,
       rules.limits, holder.account_id AS holder_id,
       (SELECT member.member_id FROM points.member
        WHERE member.program_key = $1 AND member.account_id = holder.account_id
        LIMIT 1) AS member_id
FROM (SELECT DISTINCT account_id, sequence FROM named) AS place
JOIN points.entry ON entry.program_key = $1 AND entry.account_id = place.account_id AND entry.sequence = place.sequence
CROSS JOIN LATERAL (
    SELECT coalesce(merged_into, account_id) AS account_id
    FROM points.account
    WHERE account.program_key = $1 AND account.account_id = entry.account_id
) AS holder
CROSS JOIN LATERAL (
    SELECT coalesce(sum(points), 0)::bigint AS points, coalesce(sum(points) FILTER (WHERE since), 0)::bigint AS since_merger,
           coalesce(bool_or(kind = 6), false) AS returned, coalesce(sum(total_minor), 0)::bigint AS returned_minor,
           jsonb_agg(detail -> 'returned_lines') FILTER (WHERE detail ? 'returned_lines') AS returned_lines
    FROM (
        SELECT kind, points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0) AS points, total_minor, detail,
               false AS since
        FROM points.entry AS correction
        WHERE correction.program_key = $1 AND correction.account_id = entry.account_id
          AND correction.corrected_sequence = entry.sequence AND correction.kind IN (5, 6, 14)
        UNION ALL
        SELECT kind, points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0), total_minor, detail, true
        FROM points.entry AS correction
        WHERE correction.program_key = $1 AND correction.detail ? 'corrected'
          AND (correction.detail -> 'corrected' ->> 0)::bigint = entry.account_id
          AND (correction.detail -> 'corrected' ->> 1)::bigint = entry.sequence AND correction.kind IN (5, 6, 14)
    ) AS correction
) AS corrections
LEFT JOIN LATERAL (
    SELECT string_agg(concat_ws('|', lot_sequence, lot_use.points, earned_time, lot_use.expire_time, part), ','
                      ORDER BY lot_use.expire_time, earned_time, lot_sequence, part) AS lot_uses
    FROM points.lot_use
    WHERE lot_use.program_key = $1 AND lot_use.account_id = entry.account_id AND lot_use.points > 0
      AND lot_use.sequence = CASE WHEN entry.kind = 11 THEN entry.corrected_sequence ELSE entry.sequence END
) AS uses ON entry.kind IN (3, 10, 11, 20)
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(rule.rule_id, rule.limits) AS limits
    FROM jsonb_array_elements(entry.detail -> 'considered') AS considered
    JOIN points.earn_rule AS rule ON rule.program_key = $1 AND rule.rule_id = considered ->> 0
        AND rule.version = (considered ->> 1)::integer AND rule.limits IS NOT NULL
    WHERE EXISTS (SELECT FROM jsonb_array_elements(entry.awards) AS award WHERE award ->> 0 = rule.rule_id)
) AS rules ON entry.kind IN (1, 8)
LEFT JOIN LATERAL (
    SELECT string_agg(concat_ws('|', lot_sequence, -lot_use.points, earned_time, lot_use.expire_time, part), ','
                      ORDER BY lot_use.sequence, lot_use.expire_time, earned_time, lot_sequence, part) AS given_back
    FROM points.lot_use
    WHERE lot_use.program_key = $1 AND lot_use.account_id = entry.account_id AND lot_use.points < 0
      AND lot_use.sequence IN (
          SELECT entry.sequence
          UNION ALL
          SELECT restored.sequence
          FROM points.entry AS restored
          WHERE restored.program_key = $1 AND restored.account_id = entry.account_id
            AND restored.corrected_sequence = entry.sequence AND restored.kind = 14)
) AS back ON entry.kind IN (3, 11, 20)
