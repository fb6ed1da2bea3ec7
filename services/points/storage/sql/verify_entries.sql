-- Each account's entries, of those from $2 to $3: sequences without gaps, balances that add up and never fall below zero, times in order.
SELECT CASE WHEN sequence <> place THEN 'sequence' ELSE 'balance_after' END AS invariant, account_id,
       CASE
           WHEN sequence <> place THEN format('entry %s stands at place %s', sequence, place)
           WHEN recorded_time < previous_time THEN format('entry %s was recorded before the one before it', sequence)
           ELSE format('entry %s has balance_after %s, the sum so far is %s', sequence, balance_after, running)
       END AS description
FROM (
    SELECT account_id, sequence, balance_after, recorded_time, row_number() OVER account AS place,
           sum(points) OVER account AS running, lag(recorded_time) OVER account AS previous_time
    FROM points.entry
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
    WINDOW account AS (PARTITION BY account_id ORDER BY sequence)
) AS entry
WHERE sequence <> place OR balance_after <> running OR balance_after < 0 OR recorded_time < previous_time
LIMIT 100
