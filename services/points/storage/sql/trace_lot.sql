-- Where the points of lots went: the entries that used them (below zero: gave them back), the oldest first. A lot is named by
-- its account, its sequence and its part; a part that is NULL stands for all of them. What moved to another lot
-- (a part that is named, see load_moved) is no use: it is taken off the entry that moved it.
WITH place AS (
    SELECT account_id, sequence, part
    FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS place (account_id, sequence, part)
),
used AS (
    SELECT lot_use.account_id, lot_use.sequence, lot_use.points
    FROM place
    JOIN points.lot_use ON lot_use.program_key = $1 AND lot_use.account_id = place.account_id
                       AND lot_use.lot_sequence = place.sequence
                       AND (place.part IS NULL OR lot_use.part = place.part)
    UNION ALL
    SELECT CASE WHEN entry.kind = 25 THEN (entry.detail -> 'counterpart' ->> 0)::bigint ELSE entry.account_id END,
           CASE WHEN entry.kind = 25 THEN (entry.detail -> 'counterpart' ->> 1)::bigint ELSE entry.sequence END,
           -(entry.detail -> 'lots' -> place.part::integer ->> 0)::bigint
    FROM place
    JOIN points.entry ON entry.program_key = $1 AND entry.account_id = place.account_id AND entry.sequence = place.sequence
    WHERE place.part IS NOT NULL
)
SELECT member.member_id, entry.sequence, entry.kind, entry.order_id, entry.request_id, entry.occurred_time, net.points
FROM (SELECT account_id, sequence, sum(points)::bigint AS points
      FROM used GROUP BY account_id, sequence HAVING sum(points) <> 0) AS net
JOIN points.entry ON entry.program_key = $1 AND entry.account_id = net.account_id AND entry.sequence = net.sequence
CROSS JOIN LATERAL (
    SELECT member_id FROM points.member WHERE program_key = $1 AND account_id = net.account_id LIMIT 1
) AS member
ORDER BY entry.position
