-- A case by its id, locked until the transaction ends.
SELECT case_id, member_case.survey_key, survey_id, response_id, member_id, member_case.state, severity, owner, open_time,
       state_time, first_reply_due_time, first_reply_time, escalate_time, resolve_time, member_case.close_time, resolution,
       make_good_points, note_count
FROM surveys.member_case
JOIN surveys.survey ON survey.program_key = member_case.program_key AND survey.survey_key = member_case.survey_key
WHERE member_case.program_key = $1 AND case_id = $2
FOR UPDATE OF member_case
