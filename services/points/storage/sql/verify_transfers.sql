-- What moves from one account to another is taken there and brought here: each entry of a transfer or a merger has one on
-- the other side; what a transfer brings has to be what that one takes, and is brought once. A donation names the deed or the redemption that it came with; of a
-- redemption it is all that was paid. Of the accounts from $2 to $3.
SELECT 'transfer' AS invariant, entry.account_id,
       format('entry %s moves %s points; on the other side, entry %s of account %s moves %s', entry.sequence, entry.net,
              entry.other_sequence, entry.other_account_id, coalesce(other.net::text, 'none')) AS description
FROM (
    SELECT account_id, sequence, kind, (detail -> 'counterpart' ->> 0)::bigint AS other_account_id,
           (detail -> 'counterpart' ->> 1)::bigint AS other_sequence,
           points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0) AS net
    FROM points.entry
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3 AND kind IN (16, 17, 19, 24)
) AS entry
LEFT JOIN LATERAL (
    SELECT kind, (detail -> 'counterpart' ->> 0)::bigint AS back_account_id,
           (detail -> 'counterpart' ->> 1)::bigint AS back_sequence,
           points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0) AS net
    FROM points.entry AS side
    WHERE program_key = $1 AND side.account_id = entry.other_account_id AND side.sequence = entry.other_sequence
) AS other ON true
WHERE CASE
          WHEN entry.kind = 16 THEN other.kind = 17
          WHEN entry.kind = 17 THEN other.kind = 16 AND other.net = -entry.net
              AND other.back_account_id = entry.account_id AND other.back_sequence = entry.sequence
          WHEN entry.kind = 24 THEN other.kind = 25 AND other.net = -entry.net
              AND other.back_account_id = entry.account_id
          ELSE other.kind IN (1, 8) OR other.kind = 20 AND other.net = -entry.net
      END IS NOT TRUE
UNION ALL
SELECT 'transfer', brought.account_id,
       format('entry %s brings in points of a merger that account %s has not given', brought.sequence,
              brought.detail -> 'counterpart' ->> 0)
FROM points.entry AS brought
WHERE brought.program_key = $1 AND brought.account_id BETWEEN $2 AND $3 AND brought.kind = 25
  AND (SELECT count(*) FROM points.entry AS taken
       WHERE taken.program_key = $1 AND taken.account_id = (brought.detail -> 'counterpart' ->> 0)::bigint
         AND taken.kind = 24
         AND taken.detail -> 'counterpart' = jsonb_build_array(brought.account_id, brought.sequence)) <> 1
LIMIT 100
