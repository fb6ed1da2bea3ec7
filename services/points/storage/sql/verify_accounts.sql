-- Each account's state is that of its entries, of its open lots, of its pending points and of its holds; each has a
-- member. Of the accounts from $2 to $3.
SELECT 'balance' AS invariant, coalesce(account.account_id, entries.account_id, lots.account_id) AS account_id,
       format('the account holds %s points, %s pending, %s held, owes %s, and is at entry %s; its entries add up to %s, %s, %s, '
              '%s, the last is %s; its lots hold %s, its pending points are %s, its holds %s',
              account.balance, account.pending, account.held, account.debt, account.last_sequence,
              coalesce(entries.points, 0), coalesce(entries.pending, 0), coalesce(entries.held, 0),
              coalesce(entries.debt, 0), coalesce(entries.last, 0), coalesce(lots.points, 0), coalesce(waiting.points, 0),
              coalesce(holds.points, 0)) AS description
FROM (SELECT * FROM points.account WHERE program_key = $1 AND account_id BETWEEN $2 AND $3) AS account
FULL JOIN (
    SELECT account_id, sum(points) AS points, coalesce(sum(pending), 0) AS pending, coalesce(sum(held), 0) AS held,
           coalesce(sum(debt), 0) AS debt, max(sequence) AS last,
           max(recorded_time) AS time
    FROM points.entry
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
    GROUP BY account_id
) AS entries ON entries.account_id = account.account_id
FULL JOIN (
    SELECT account_id, sum(remaining) AS points
    FROM points.lot
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
    GROUP BY account_id
) AS lots ON lots.account_id = coalesce(account.account_id, entries.account_id)
LEFT JOIN (
    SELECT account_id, sum(points) AS points
    FROM points.pending_lot
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
    GROUP BY account_id
) AS waiting ON waiting.account_id = account.account_id
LEFT JOIN (
    SELECT account_id, sum(points) AS points
    FROM points.hold
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
    GROUP BY account_id
) AS holds ON holds.account_id = account.account_id
WHERE account.account_id IS NULL
   OR account.balance <> coalesce(entries.points, 0)
   OR account.pending <> coalesce(entries.pending, 0)
   OR account.held <> coalesce(entries.held, 0)
   OR account.debt <> coalesce(entries.debt, 0)
   OR account.last_sequence <> coalesce(entries.last, 0)
   OR account.last_recorded_time <> coalesce(entries.time, '-infinity')
   OR account.balance <> coalesce(lots.points, 0)
   OR account.pending <> coalesce(waiting.points, 0)
   OR account.held <> coalesce(holds.points, 0)
   OR NOT EXISTS (SELECT FROM points.member
                  WHERE member.program_key = $1 AND member.account_id = account.account_id)
LIMIT 100
