-- A response, and its answers as numbers.
WITH response AS (
    INSERT INTO surveys.response (program_key, survey_key, invitation_id, member_id, channel, segment, submit_time,
                                  submit_date, points, content, answers)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    RETURNING program_key, survey_key, response_id, submit_time, submit_date, channel, segment
),
numbers AS (
    INSERT INTO surveys.answer (program_key, survey_key, response_id, submit_time, submit_date, channel, segment,
                                question, item, value)
    SELECT response.program_key, response.survey_key, response.response_id, response.submit_time,
           response.submit_date, response.channel, response.segment, number.question, number.item, number.value
    FROM response
    CROSS JOIN unnest($12::bigint[], $13::bigint[], $14::bigint[]) AS number (question, item, value)
)
SELECT response_id FROM response
