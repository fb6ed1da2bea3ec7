-- Points are owed by nothing but returns, reversals and mergers, and only where the policy for returns lets ($4). Of what was
-- recorded before that policy last changed, or hardly after it by another clock, that is not known. Of the accounts from $2
-- to $3.
SELECT 'debt' AS invariant, account_id,
       format('entry %s lets %s points be owed, which the policy for returns does not', sequence, debt) AS description
FROM points.entry
WHERE program_key = $1 AND account_id BETWEEN $2 AND $3 AND debt > 0
  AND (kind NOT IN (5, 6, 25)
       OR NOT $4 AND kind <> 25
          AND recorded_time > coalesce((SELECT (policies -> 'changed' ->> 'returns')::timestamptz
                                        FROM points.settings WHERE program_key = $1), '-infinity') + interval '2 minutes')
LIMIT 100
