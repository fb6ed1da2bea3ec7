-- Points that have not lapsed, by the local day on which they were earned, the time at which their lots lapse as it is, when
-- they mature if they are pending, and whether their member was inactive for $4 months by now, if $4 is above 0; pending
-- ones are not there to lapse yet.
SELECT (earned_time AT TIME ZONE $3)::date AS earned_day, expire_time, mature_time, inactive,
       least(sum(points), 9223372036854775807)::bigint AS points
FROM (
    SELECT lot.earned_time, lot.expire_time, '-infinity'::timestamptz AS mature_time, lot.remaining AS points,
           $4::int > 0 AND account.active_time > '-infinity'
           AND (((account.active_time AT TIME ZONE $3)::date + make_interval(months => $4::int))::date + 1)::timestamp
               AT TIME ZONE $3 <= $2::timestamptz AS inactive
    FROM points.lot
    JOIN points.account ON account.program_key = $1 AND account.account_id = lot.account_id
    WHERE lot.program_key = $1
    UNION ALL
    SELECT earned_time, expire_time, mature_time, points, false FROM points.pending_lot WHERE program_key = $1
) AS lots
WHERE greatest(expire_time, mature_time) > $2::timestamptz
GROUP BY earned_day, expire_time, mature_time, inactive
