-- Points that came in are used, open or pending, to the point, and nothing else is: entry by entry. Of the accounts
-- from $2 to $3.
SELECT 'lot' AS invariant, coalesce(earned.account_id, held.account_id) AS account_id,
       format('entry %s brought in %s points; %s are used, open or pending', coalesce(earned.sequence, held.sequence),
              coalesce(earned.points, 0), coalesce(held.points, 0)) AS description
FROM (
    SELECT account_id, sequence, points.brought_in(kind, points, detail) AS points
    FROM points.entry
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
      AND points.brought_in(kind, points, detail) > 0
) AS earned
FULL JOIN (
    SELECT account_id, sequence, sum(points) AS points
    FROM (
        SELECT account_id, sequence, remaining AS points FROM points.lot
        WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
        UNION ALL
        SELECT account_id, sequence, points FROM points.pending_lot
        WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
        UNION ALL
        SELECT account_id, lot_sequence, points FROM points.lot_use
        WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
    ) AS parts
    GROUP BY account_id, sequence
) AS held ON held.account_id = earned.account_id AND held.sequence = earned.sequence
WHERE earned.points IS DISTINCT FROM held.points
LIMIT 100
