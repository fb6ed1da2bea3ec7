-- As list_cases, of a member.
SELECT case_id, member_case.survey_key, survey_id, response_id, member_id, member_case.state, severity, owner, open_time,
       state_time, first_reply_due_time, first_reply_time, escalate_time, resolve_time, member_case.close_time, resolution,
       make_good_points, note_count
FROM surveys.member_case
JOIN surveys.survey ON survey.program_key = member_case.program_key AND survey.survey_key = member_case.survey_key
WHERE member_case.program_key = $1 AND member_id = $8 AND case_id < $2
  AND (cardinality($3::bigint[]) = 0 OR member_case.state = ANY ($3::bigint[]))
  AND ($4 = '' OR owner = $4)
  AND (NOT $5::boolean OR (first_reply_time = 'infinity' AND member_case.state NOT IN (5, 6)
                           AND first_reply_due_time <= $6::timestamptz))
ORDER BY case_id DESC
LIMIT $7
