-- Each program's members, the points that they have, and by how much the accounts hold more than their open lots, pending
-- points and holds do: 0. VerifyLedger says which account it is.
SELECT program.program_id AS program, coalesce(accounts.members, 0) AS members,
       coalesce(accounts.points, 0) AS outstanding,
       coalesce(accounts.points + accounts.set_aside, 0) - coalesce(lots.points, 0) - coalesce(waiting.points, 0)
           - coalesce(holds.points, 0) AS imbalance
FROM platform.program
LEFT JOIN (
    SELECT program_key, count(*) FILTER (WHERE merged_into IS NULL) AS members, sum(balance) AS points, sum(pending + held) AS set_aside
    FROM points.account
    GROUP BY program_key
) AS accounts ON accounts.program_key = program.program_key
LEFT JOIN (
    SELECT program_key, sum(remaining) AS points FROM points.lot GROUP BY program_key
) AS lots ON lots.program_key = program.program_key
LEFT JOIN (
    SELECT program_key, sum(points) AS points FROM points.pending_lot GROUP BY program_key
) AS waiting ON waiting.program_key = program.program_key
LEFT JOIN (
    SELECT program_key, sum(points) AS points FROM points.hold GROUP BY program_key
) AS holds ON holds.program_key = program.program_key
