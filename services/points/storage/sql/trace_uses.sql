-- The lots that an entry used, in the order of use, less what it gave back to them itself, with the entries that brought
-- them in. What a capture used stands with its hold.
SELECT net.lot_sequence, net.part, net.points, net.earned_time, net.expire_time, source.kind, source.order_id,
       source.request_id, source.activity_id, source.cause, source.occurred_time,
       (source.detail -> 'counterpart' ->> 0)::bigint AS other_account_id,
       (source.detail -> 'counterpart' ->> 1)::bigint AS other_sequence,
       CASE WHEN source.kind = 26 THEN source.account_id
            ELSE (source.detail -> 'corrected' ->> 0)::bigint END AS from_account_id,
       (source.detail -> 'lots' -> net.part ->> 4)::bigint AS from_sequence,
       (source.detail -> 'lots' -> net.part ->> 5)::integer AS from_part,
       (SELECT member.member_id FROM points.member
        WHERE member.program_key = $1 AND member.account_id = $2
        LIMIT 1) AS member_id
FROM (
    SELECT lot_sequence, part, expire_time, min(earned_time) AS earned_time,
           sum(points)::bigint AS points
    FROM points.lot_use
    WHERE program_key = $1 AND account_id = $2
      AND (sequence = $3
           OR sequence = (SELECT corrected_sequence FROM points.entry
                          WHERE program_key = $1 AND account_id = $2 AND sequence = $3 AND kind = 11))
    GROUP BY lot_sequence, part, expire_time
    HAVING sum(points) > 0
) AS net
JOIN points.entry AS source ON source.program_key = $1 AND source.account_id = $2 AND source.sequence = net.lot_sequence
ORDER BY net.expire_time, net.earned_time, net.lot_sequence, net.part
