-- A page of a member's responses to a survey, newest first, before an id.
SELECT response_id, response.survey_key, survey_id, invitation_id, member_id, channel, segment, submit_time, submit_date,
       points, content, answers
FROM surveys.response
JOIN surveys.survey ON survey.program_key = response.program_key AND survey.survey_key = response.survey_key
WHERE response.program_key = $1 AND response.survey_key = $2 AND member_id = $5 AND response_id < $3
ORDER BY response_id DESC
LIMIT $4
