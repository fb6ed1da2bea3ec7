-- Each program's net promoter score of the last 30 days, by its test clock or up to $1: from -100 to 100, over all its
-- surveys. Nothing where fewer responded than the most careful of these surveys wants to see together.
SELECT program.program_id AS program,
       100.0 * (count(*) FILTER (WHERE answer.value >= 9) - count(*) FILTER (WHERE answer.value <= 6)) / count(*) AS nps
FROM platform.program
LEFT JOIN platform.test_clock ON test_clock.program_key = program.program_key
JOIN surveys.survey ON survey.program_key = program.program_key
CROSS JOIN LATERAL jsonb_array_elements(survey.questions) WITH ORDINALITY AS asked (question, place)
JOIN surveys.answer ON answer.program_key = survey.program_key AND answer.survey_key = survey.survey_key
    AND answer.question = asked.place - 1
    AND answer.submit_time > coalesce(test_clock.clock_time, $1::timestamptz) - interval '30 days'
WHERE (asked.question ->> 'type')::integer = 1
GROUP BY program.program_id
HAVING count(DISTINCT answer.response_id) >= max(survey.min_group_size)
