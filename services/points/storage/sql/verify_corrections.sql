-- What was taken back of an entry: of awards only by reversals, and no more than they brought; of orders only by returns,
-- within the order, and in all floor(earned × returned ÷ total), but for what the last return did not find; where lines
-- were given back, no more than was earned. What was given back of a spending: no more than it took. Each entry that only
-- moves points from one place to another leaves their sum as it was.
-- Of the entries that stand on the accounts from $2 to $3, wherever they are corrected.
SELECT 'correction' AS invariant, taken.account_id,
       format('of entry %s (%s points, %s minor units), %s points and %s minor units were taken back', taken.sequence,
              original.net, original.total_minor, taken.points, taken.returned) AS description
FROM (
    SELECT coalesce((detail -> 'corrected' ->> 0)::bigint, account_id) AS account_id,
           coalesce((detail -> 'corrected' ->> 1)::bigint, corrected_sequence) AS sequence, min(kind) AS kind,
           max(kind) AS other_kind,
           -sum(points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0)) AS points,
           coalesce(sum(total_minor), 0) AS returned,
           coalesce((array_agg(shortfall ORDER BY position DESC))[1], 0) AS shortfall,
           coalesce(bool_or(detail ? 'returned_lines'), false) AS by_lines
    FROM (
        SELECT * FROM points.entry
        WHERE program_key = $1 AND account_id BETWEEN $2 AND $3 AND kind IN (5, 6, 14) AND corrected_sequence IS NOT NULL
        UNION ALL
        SELECT * FROM points.entry
        WHERE program_key = $1 AND detail ? 'corrected' AND (detail -> 'corrected' ->> 0)::bigint BETWEEN $2 AND $3
          AND kind IN (5, 6, 14)
    ) AS correction
    GROUP BY 1, 2
) AS taken
LEFT JOIN (
    SELECT *, points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0) AS net
    FROM points.entry
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
) AS original ON original.account_id = taken.account_id AND original.sequence = taken.sequence
WHERE taken.kind <> taken.other_kind
   OR CASE
          WHEN original.kind = 1 AND taken.kind = 6 AND taken.by_lines THEN
              taken.returned > original.total_minor OR taken.points NOT BETWEEN 0 AND original.net
          WHEN original.kind = 1 AND taken.kind = 6 THEN
              taken.returned > original.total_minor
              OR taken.points + taken.shortfall
                 <> CASE
                        WHEN original.total_minor = 0 THEN original.net
                        ELSE div(original.net::numeric * taken.returned, original.total_minor)
                    END
          WHEN original.kind IN (2, 8) AND taken.kind = 5 THEN taken.points NOT BETWEEN 0 AND original.net
          WHEN original.kind IN (3, 11, 20) AND taken.kind = 14 THEN taken.points NOT BETWEEN original.net AND 0
          ELSE true
      END
UNION ALL
SELECT 'correction', account_id, format('entry %s moves points, and their sum changes by %s', sequence,
                                        points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0))
FROM points.entry
WHERE program_key = $1 AND account_id BETWEEN $2 AND $3 AND kind IN (7, 9, 10, 12, 15, 21, 22, 26)
  AND points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0) <> 0
UNION ALL
-- Each redemption is in the state that its entries say: a donation fulfilled, another one fulfilled or cancelled by one
-- entry and no more; a cancelled one given back in full.
SELECT 'redemption', coalesce(redemption.account_id, told.account_id),
       format('the redemption by entry %s is in state %s, its entries say %s',
              coalesce(redemption.sequence, told.sequence), redemption.state, told.state)
FROM (
    SELECT account_id, sequence, state FROM points.redemption WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
) AS redemption
FULL JOIN (
    SELECT paid.account_id, paid.sequence,
           CASE
               WHEN ended.fulfilled + ended.cancelled > 1 THEN -1
               WHEN ended.cancelled = 1 THEN CASE WHEN ended.points = -paid.points THEN 3 ELSE -1 END
               WHEN ended.fulfilled = 1 OR reward.charity_id IS NOT NULL THEN 2
               ELSE 1
           END AS state
    FROM points.entry AS paid
    LEFT JOIN points.reward ON reward.program_key = $1 AND reward.reward_id = paid.detail ->> 'reward'
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE kind = 21) AS fulfilled, count(*) FILTER (WHERE kind = 14) AS cancelled,
               coalesce(sum(points), 0) AS points
        FROM (
            SELECT kind, points FROM points.entry AS later
            WHERE later.program_key = $1 AND later.account_id = paid.account_id
              AND later.corrected_sequence = paid.sequence AND later.kind IN (14, 21)
            UNION ALL
            SELECT kind, points FROM points.entry AS later
            WHERE later.program_key = $1 AND later.detail ? 'corrected'
              AND (later.detail -> 'corrected' ->> 0)::bigint = paid.account_id
              AND (later.detail -> 'corrected' ->> 1)::bigint = paid.sequence AND later.kind IN (14, 21)
        ) AS later
    ) AS ended
    WHERE paid.program_key = $1 AND paid.account_id BETWEEN $2 AND $3 AND paid.kind = 20
) AS told ON told.account_id = redemption.account_id AND told.sequence = redemption.sequence
WHERE redemption.state IS DISTINCT FROM told.state
LIMIT 100
