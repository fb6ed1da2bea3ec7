-- Each account's state is that of its entries and of its open lots; each has a member.
SELECT 'balance' AS invariant, coalesce(account.account_id, entries.account_id, lots.account_id) AS account_id,
       format('the account holds %s points and is at entry %s; its entries add up to %s, the last is %s; its lots hold %s',
              account.balance, account.last_sequence, coalesce(entries.points, 0), coalesce(entries.last, 0),
              coalesce(lots.points, 0)) AS description
FROM (SELECT * FROM points.account WHERE program_key = $1) AS account
FULL JOIN (
    SELECT account_id, sum(points) AS points, max(sequence) AS last
    FROM points.entry
    WHERE program_key = $1
    GROUP BY account_id
) AS entries ON entries.account_id = account.account_id
FULL JOIN (
    SELECT account_id, sum(remaining) AS points
    FROM points.lot
    WHERE program_key = $1
    GROUP BY account_id
) AS lots ON lots.account_id = coalesce(account.account_id, entries.account_id)
WHERE account.account_id IS NULL
   OR account.balance <> coalesce(entries.points, 0)
   OR account.last_sequence <> coalesce(entries.last, 0)
   OR account.balance <> coalesce(lots.points, 0)
   OR NOT EXISTS (SELECT FROM points.member
                  WHERE member.program_key = $1 AND member.account_id = account.account_id)
LIMIT 100
