-- Cases whose first reply is late and that were not escalated, the oldest first, locked; those that others work on are
-- left out.
SELECT case_id, member_case.survey_key, survey_id, response_id, member_id, member_case.state, severity, owner, open_time,
       state_time, first_reply_due_time, first_reply_time, escalate_time, resolve_time, member_case.close_time, resolution,
       make_good_points, note_count
FROM surveys.member_case
JOIN surveys.survey ON survey.program_key = member_case.program_key AND survey.survey_key = member_case.survey_key
WHERE member_case.program_key = $1 AND first_reply_due_time <= $2
  AND first_reply_time = 'infinity' AND escalate_time = 'infinity' AND member_case.state NOT IN (5, 6)
ORDER BY first_reply_due_time
LIMIT $3
FOR UPDATE OF member_case SKIP LOCKED
