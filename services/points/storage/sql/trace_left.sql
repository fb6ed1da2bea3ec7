-- What is left of lots, named as for trace_lot: the points that can be spent, and those that are pending.
SELECT coalesce(sum(lot.open), 0)::bigint AS open, coalesce(sum(lot.pending), 0)::bigint AS pending
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS place (account_id, sequence, part)
CROSS JOIN LATERAL (
    SELECT remaining AS open, 0 AS pending
    FROM points.lot
    WHERE lot.program_key = $1 AND lot.account_id = place.account_id AND lot.sequence = place.sequence
      AND (place.part IS NULL OR lot.part = place.part)
    UNION ALL
    SELECT 0, points
    FROM points.pending_lot
    WHERE pending_lot.program_key = $1 AND pending_lot.account_id = place.account_id
      AND pending_lot.sequence = place.sequence AND (place.part IS NULL OR pending_lot.part = place.part)
) AS lot
