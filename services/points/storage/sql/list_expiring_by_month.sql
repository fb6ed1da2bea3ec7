-- What lapses in a program, by the month of the points' last day in the program's time zone: points and members. If $4 is
-- above 0, all that a member can spend lapses that many months after the last activity, or after $5; what is pending or
-- held, when it matures or is released at the earliest.
SELECT date_trunc('month', (expire_time - interval '1 microsecond') AT TIME ZONE $3)::date AS month,
       least(sum(points), 9223372036854775807)::bigint AS points, count(DISTINCT account_id) AS members
FROM (
    SELECT account_id, greatest(mature_time, least(expire_time, account.inactive_time)) AS expire_time, points
    FROM (
        SELECT account_id, expire_time, '-infinity'::timestamptz AS mature_time, remaining AS points
        FROM points.lot
        WHERE program_key = $1
        UNION ALL
        SELECT account_id, expire_time, mature_time, points FROM points.pending_lot WHERE program_key = $1
        UNION ALL
        SELECT lot_use.account_id, lot_use.expire_time, hold.until_time, lot_use.points
        FROM points.hold
        JOIN points.lot_use ON lot_use.program_key = $1 AND lot_use.account_id = hold.account_id
            AND lot_use.sequence = hold.sequence
        WHERE hold.program_key = $1
    ) AS lot
    JOIN (
        SELECT account_id,
               CASE
                   WHEN $4::int = 0 OR active_time = '-infinity' THEN 'infinity'
                   ELSE (((greatest(active_time, $5::timestamptz) AT TIME ZONE $3)::date
                          + make_interval(months => $4::int))::date + 1)::timestamp AT TIME ZONE $3
               END AS inactive_time
        FROM points.account
        WHERE program_key = $1
    ) AS account USING (account_id)
) AS lots
WHERE expire_time > $2::timestamptz AND expire_time < 'infinity'
GROUP BY month
ORDER BY month
