-- An entry of a member by its sequence.
SELECT member.account_id, entry.kind
FROM points.member
LEFT JOIN points.entry ON entry.program_key = $1 AND entry.account_id = member.account_id AND entry.sequence = $3
WHERE member.program_key = $1 AND member.member_id = $2
