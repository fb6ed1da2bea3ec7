-- A member's newest entry at a time. A program without the member gives one row with its key only; no program, no row.
SELECT program.program_key, member.member_id, coalesce(entry.balance_after, 0) AS balance,
       coalesce(entry.sequence, 0) AS sequence
FROM platform.program
LEFT JOIN points.member ON member.program_key = program.program_key AND member.member_id = $2
LEFT JOIN LATERAL (
    SELECT balance_after, sequence
    FROM points.entry
    WHERE entry.program_key = member.program_key AND entry.account_id = member.account_id
      AND entry.recorded_time <= $3::timestamptz
    ORDER BY sequence DESC
    LIMIT 1
) AS entry ON true
WHERE program.program_id = $1
