-- Each program's members, the points that they have, and by how much accounts differ from their open lots, pending points
-- and holds: 0. Account by account, so that one fault does not hide another. VerifyLedger says which account it is.
SELECT program.program_id AS program, coalesce(accounts.members, 0) AS members,
       coalesce(accounts.points, 0) AS outstanding, coalesce(differences.points, 0) AS imbalance
FROM platform.program
LEFT JOIN (
    SELECT program_key, count(*) FILTER (WHERE merged_into IS NULL) AS members, sum(balance) AS points
    FROM points.account
    GROUP BY program_key
) AS accounts ON accounts.program_key = program.program_key
LEFT JOIN (
    SELECT program_key, sum(abs(points)) AS points
    FROM (
        SELECT program_key, account_id, sum(points) AS points
        FROM (
            SELECT program_key, account_id, balance + pending + held AS points FROM points.account
            UNION ALL
            SELECT program_key, account_id, -remaining FROM points.lot
            UNION ALL
            SELECT program_key, account_id, -points FROM points.pending_lot
            UNION ALL
            SELECT program_key, account_id, -points FROM points.hold
        ) AS movements
        GROUP BY program_key, account_id
    ) AS accounts
    GROUP BY program_key
) AS differences ON differences.program_key = program.program_key
