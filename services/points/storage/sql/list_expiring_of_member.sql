-- When a member's points lapse, and how many: those that can be spent, and those that are pending.
SELECT expire_time, sum(points)::bigint AS points
FROM (
    SELECT lot.expire_time, lot.remaining AS points
    FROM points.member
    JOIN points.lot ON lot.program_key = $1
        AND lot.account_id = coalesce(member.merged_account_id, member.account_id)
    WHERE member.program_key = $1 AND member.member_id = $2
    UNION ALL
    SELECT pending_lot.expire_time, pending_lot.points
    FROM points.member
    JOIN points.pending_lot ON pending_lot.program_key = $1
        AND pending_lot.account_id = coalesce(member.merged_account_id, member.account_id)
    WHERE member.program_key = $1 AND member.member_id = $2
) AS lots
WHERE expire_time > $3::timestamptz AND expire_time < 'infinity'
GROUP BY expire_time
ORDER BY expire_time
