-- What is left of pending points; 0: they are gone.
WITH changed AS (
    SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS changed (account_id, sequence, part, points)
),
gone AS (
    DELETE FROM points.pending_lot
    USING changed
    WHERE pending_lot.program_key = $1 AND pending_lot.account_id = changed.account_id
      AND pending_lot.sequence = changed.sequence AND pending_lot.part = changed.part AND changed.points = 0
)
UPDATE points.pending_lot
SET points = changed.points
FROM changed
WHERE pending_lot.program_key = $1 AND pending_lot.account_id = changed.account_id
  AND pending_lot.sequence = changed.sequence AND pending_lot.part = changed.part AND changed.points > 0
