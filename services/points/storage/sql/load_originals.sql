-- The entries that returns (by order id) and reversals (by request id) take back from: with what was taken back so far,
-- and with what is left of the points that they brought in themselves.
SELECT original.account_id, original.sequence, original.kind, original.points, original.occurred_time,
       original.request_id, original.order_id, original.cause, original.total_minor, taken.points AS taken_back,
       taken.returned_minor, lot.remaining,
       (SELECT member.member_id FROM points.member
        WHERE member.program_key = $1 AND member.account_id = original.account_id
        LIMIT 1) AS member_id
FROM (
    SELECT account_id, sequence, kind, points, occurred_time, request_id, order_id, cause, total_minor
    FROM points.entry
    WHERE program_key = $1 AND kind = 1 AND order_id = ANY ($2::text[])
    UNION ALL
    SELECT account_id, sequence, kind, points, occurred_time, request_id, order_id, cause, total_minor
    FROM points.entry
    WHERE program_key = $1 AND request_id = ANY ($3::text[])
) AS original
CROSS JOIN LATERAL (
    SELECT coalesce(-sum(points), 0)::bigint AS points, coalesce(sum(total_minor), 0)::bigint AS returned_minor
    FROM points.entry
    WHERE entry.program_key = $1 AND entry.account_id = original.account_id
      AND entry.corrected_sequence = original.sequence
) AS taken
LEFT JOIN points.lot ON lot.program_key = $1 AND lot.account_id = original.account_id
    AND lot.earned_time = original.occurred_time AND lot.sequence = original.sequence
