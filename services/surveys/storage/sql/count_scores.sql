-- How often each score was given in a survey, how many responses and invitations there were: from $3 to before $4, by
-- period ('all', 'day', 'week', 'month'), channel and segment. Counted by day first, so that only a few rows pass the
-- arithmetic of weeks and months.
SELECT kind, CASE $5::text WHEN 'week' THEN date_trunc('week', day::timestamp)::date
                           WHEN 'month' THEN date_trunc('month', day::timestamp)::date
                           ELSE day END AS period_start,
       channel, segment, question, item, value, sum(count)::bigint AS count
FROM (
    SELECT 1 AS kind, CASE WHEN $5::text = 'all' THEN '1970-01-01' ELSE submit_date END AS day,
           CASE WHEN $6::boolean THEN channel ELSE '' END AS channel,
           CASE WHEN $7::boolean THEN segment ELSE '' END AS segment, question, item, value, count(*) AS count
    FROM surveys.answer
    WHERE program_key = $1 AND survey_key = $2 AND submit_time >= $3::timestamptz AND submit_time < $4::timestamptz
    GROUP BY 2, 3, 4, question, item, value
    UNION ALL
    SELECT 2, CASE WHEN $5::text = 'all' THEN '1970-01-01' ELSE submit_date END,
           CASE WHEN $6::boolean THEN channel ELSE '' END, CASE WHEN $7::boolean THEN segment ELSE '' END, 0, 0, 0,
           count(*)
    FROM surveys.response
    WHERE program_key = $1 AND survey_key = $2 AND submit_time >= $3::timestamptz AND submit_time < $4::timestamptz
    GROUP BY 2, 3, 4
    UNION ALL
    SELECT 3, CASE WHEN $5::text = 'all' THEN '1970-01-01' ELSE create_date END,
           CASE WHEN $6::boolean THEN channel ELSE '' END, CASE WHEN $7::boolean THEN segment ELSE '' END, 0, 0,
           CASE WHEN state = 2 THEN 1 ELSE 0 END, count(*)
    FROM surveys.invitation
    WHERE program_key = $1 AND survey_key = $2 AND create_time >= $3::timestamptz AND create_time < $4::timestamptz
    GROUP BY 2, 3, 4, 7
) AS days
GROUP BY kind, period_start, channel, segment, question, item, value
