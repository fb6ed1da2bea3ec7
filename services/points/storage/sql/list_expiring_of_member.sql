-- When a member's points lapse, and how many: those that can be spent, and those that are pending, which lapse when they
-- mature at the earliest. $4 is when inactivity lets lapse all that can be spent then.
SELECT expire_time, sum(points)::bigint AS points
FROM (
    SELECT least(lot.expire_time, $4::timestamptz) AS expire_time, lot.remaining AS points
    FROM points.member
    JOIN points.lot ON lot.program_key = $1
        AND lot.account_id = coalesce(member.merged_account_id, member.account_id)
    WHERE member.program_key = $1 AND member.member_id = $2
    UNION ALL
    SELECT greatest(pending_lot.mature_time, least(pending_lot.expire_time, $4::timestamptz)), pending_lot.points
    FROM points.member
    JOIN points.pending_lot ON pending_lot.program_key = $1
        AND pending_lot.account_id = coalesce(member.merged_account_id, member.account_id)
    WHERE member.program_key = $1 AND member.member_id = $2
) AS lots
WHERE expire_time > $3::timestamptz AND expire_time < 'infinity'
GROUP BY expire_time
ORDER BY expire_time
