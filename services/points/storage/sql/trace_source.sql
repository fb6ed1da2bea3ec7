-- The entry that a lot of a merged account came with, as in trace_uses.
SELECT source.sequence AS lot_sequence, $4::integer AS part, 0 AS points, source.kind, source.order_id, source.request_id,
       source.activity_id, source.cause, source.occurred_time,
       (source.detail -> 'counterpart' ->> 0)::bigint AS other_account_id,
       (source.detail -> 'counterpart' ->> 1)::bigint AS other_sequence,
       CASE WHEN source.kind = 26 THEN source.account_id
            ELSE (source.detail -> 'corrected' ->> 0)::bigint END AS from_account_id,
       (source.detail -> 'lots' -> $4::integer ->> 4)::bigint AS from_sequence,
       (source.detail -> 'lots' -> $4::integer ->> 5)::integer AS from_part,
       (SELECT member.member_id FROM points.member
        WHERE member.program_key = $1 AND member.account_id = $2
        LIMIT 1) AS member_id
FROM points.entry AS source
WHERE source.program_key = $1 AND source.account_id = $2 AND source.sequence = $3
