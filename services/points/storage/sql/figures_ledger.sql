-- Each program's members, the points that they have, and by how much the accounts hold more than their open lots do: 0.
-- VerifyLedger says which account it is.
SELECT program.program_id AS program, coalesce(accounts.members, 0) AS members,
       coalesce(accounts.points, 0) AS outstanding,
       coalesce(accounts.points, 0) - coalesce(lots.points, 0) AS imbalance
FROM platform.program
LEFT JOIN (
    SELECT program_key, count(*) AS members, sum(balance) AS points FROM points.account GROUP BY program_key
) AS accounts ON accounts.program_key = program.program_key
LEFT JOIN (
    SELECT program_key, sum(remaining) AS points FROM points.lot GROUP BY program_key
) AS lots ON lots.program_key = program.program_key
