-- What lapses in a program, by the month of the points' last day in the program's time zone: points and members.
SELECT date_trunc('month', (expire_time - interval '1 microsecond') AT TIME ZONE $3)::date AS month,
       least(sum(points), 9223372036854775807)::bigint AS points, count(DISTINCT account_id) AS members
FROM (
    SELECT account_id, expire_time, remaining AS points FROM points.lot WHERE program_key = $1
    UNION ALL
    SELECT account_id, expire_time, points FROM points.pending_lot WHERE program_key = $1
) AS lots
WHERE expire_time > $2::timestamptz AND expire_time < 'infinity'
GROUP BY month
ORDER BY month
