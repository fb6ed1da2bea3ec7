-- The members whose orders these are.
SELECT DISTINCT member.member_id
FROM points.entry
JOIN points.member ON member.program_key = entry.program_key AND member.account_id = entry.account_id
WHERE entry.program_key = $1 AND entry.kind = 1 AND entry.order_id = ANY ($2::text[])
