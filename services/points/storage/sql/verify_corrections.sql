-- What was taken back of an entry: of awards only by reversals, and no more than they brought; of orders only by returns,
-- within the order, and in all floor(earned × returned ÷ total), but for what the last return did not find.
SELECT 'correction' AS invariant, taken.account_id,
       format('of entry %s (%s points, %s minor units), %s points and %s minor units were taken back', taken.sequence,
              original.points, original.total_minor, taken.points, taken.returned) AS description
FROM (
    SELECT account_id, corrected_sequence AS sequence, min(kind) AS kind, max(kind) AS other_kind, -sum(points) AS points,
           coalesce(sum(total_minor), 0) AS returned,
           coalesce((array_agg(shortfall ORDER BY sequence DESC))[1], 0) AS shortfall
    FROM points.entry
    WHERE program_key = $1 AND kind IN (5, 6)
    GROUP BY account_id, corrected_sequence
) AS taken
LEFT JOIN points.entry AS original
    ON original.program_key = $1 AND original.account_id = taken.account_id AND original.sequence = taken.sequence
WHERE taken.kind <> taken.other_kind
   OR CASE
          WHEN original.kind = 1 AND taken.kind = 6 THEN
              taken.returned > original.total_minor
              OR taken.points + taken.shortfall
                 <> div(original.points::numeric * taken.returned, nullif(original.total_minor, 0))
          WHEN original.kind = 2 AND taken.kind = 5 THEN taken.points NOT BETWEEN 0 AND original.points
          ELSE true
      END
LIMIT 100
