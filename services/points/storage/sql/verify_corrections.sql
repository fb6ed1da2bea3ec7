-- What was taken back of an entry: of awards only by reversals, and no more than they brought; of orders only by returns,
-- within the order, and in all floor(earned × returned ÷ total), but for what the last return did not find; where lines
-- were given back, no more than was earned. What was given back of a spending: no more than it took. Each entry that only
-- moves points from one place to another leaves their sum as it was.
SELECT 'correction' AS invariant, taken.account_id,
       format('of entry %s (%s points, %s minor units), %s points and %s minor units were taken back', taken.sequence,
              original.net, original.total_minor, taken.points, taken.returned) AS description
FROM (
    SELECT account_id, corrected_sequence AS sequence, min(kind) AS kind, max(kind) AS other_kind,
           -sum(points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0)) AS points,
           coalesce(sum(total_minor), 0) AS returned,
           coalesce((array_agg(shortfall ORDER BY sequence DESC))[1], 0) AS shortfall,
           coalesce(bool_or(detail ? 'returned_lines'), false) AS by_lines
    FROM points.entry
    WHERE program_key = $1 AND kind IN (5, 6, 14)
    GROUP BY account_id, corrected_sequence
) AS taken
LEFT JOIN (
    SELECT *, points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0) AS net
    FROM points.entry
    WHERE program_key = $1
) AS original ON original.account_id = taken.account_id AND original.sequence = taken.sequence
WHERE taken.kind <> taken.other_kind
   OR CASE
          WHEN original.kind = 1 AND taken.kind = 6 AND taken.by_lines THEN
              taken.returned > original.total_minor OR taken.points NOT BETWEEN 0 AND original.net
          WHEN original.kind = 1 AND taken.kind = 6 THEN
              taken.returned > original.total_minor
              OR taken.points + taken.shortfall
                 <> div(original.net::numeric * taken.returned, nullif(original.total_minor, 0))
          WHEN original.kind IN (2, 8) AND taken.kind = 5 THEN taken.points NOT BETWEEN 0 AND original.net
          WHEN original.kind IN (3, 11) AND taken.kind = 14 THEN taken.points NOT BETWEEN original.net AND 0
          ELSE true
      END
UNION ALL
SELECT 'correction', account_id, format('entry %s moves points, and their sum changes by %s', sequence,
                                        points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0))
FROM points.entry
WHERE program_key = $1 AND kind IN (7, 9, 10, 12, 15)
  AND points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0) <> 0
LIMIT 100
