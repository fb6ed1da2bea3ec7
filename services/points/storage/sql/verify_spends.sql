-- What an entry takes is paid by lots, what it gives back goes to lots, to the point; and no lot moves for anything else.
-- Of the accounts from $2 to $3.
SELECT 'spend' AS invariant, coalesce(taken.account_id, paid.account_id) AS account_id,
       format('entry %s takes %s points; lots paid %s', coalesce(taken.sequence, paid.sequence), coalesce(taken.points, 0),
              coalesce(paid.points, 0)) AS description
FROM (
    SELECT account_id, sequence, points.brought_in(kind, points, detail) - points - coalesce(pending, 0) AS points
    FROM points.entry
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
      AND points.brought_in(kind, points, detail) <> points + coalesce(pending, 0)
) AS taken
FULL JOIN (
    SELECT account_id, sequence, sum(points) AS points
    FROM points.lot_use
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
    GROUP BY account_id, sequence
) AS paid ON paid.account_id = taken.account_id AND paid.sequence = taken.sequence
WHERE coalesce(taken.points, 0) <> coalesce(paid.points, 0)
LIMIT 100
