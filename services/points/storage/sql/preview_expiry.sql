-- Points that have not lapsed, by the local day on which they were earned and the time at which they lapse as it is.
SELECT (earned_time AT TIME ZONE $3)::date AS earned_day, expire_time,
       least(sum(points), 9223372036854775807)::bigint AS points
FROM (
    SELECT earned_time, expire_time, remaining AS points FROM points.lot WHERE program_key = $1
    UNION ALL
    SELECT earned_time, expire_time, points FROM points.pending_lot WHERE program_key = $1
) AS lots
WHERE expire_time > $2::timestamptz
GROUP BY earned_day, expire_time
