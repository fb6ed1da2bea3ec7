-- A page of a survey's invitations, newest first, before an id; in a state (0: all) at a time.
SELECT invitation_id, invitation.survey_key, survey_id, member_id, token, channel, segment, invitation.create_time,
       create_date, expire_time, invitation.state, answer_time, order_id
FROM surveys.invitation
JOIN surveys.survey ON survey.program_key = invitation.program_key AND survey.survey_key = invitation.survey_key
WHERE invitation.program_key = $1 AND invitation.survey_key = $2 AND invitation_id < $3
  AND ($4::bigint = 0
       OR CASE WHEN invitation.state = 1 AND expire_time <= $5::timestamptz THEN 3 ELSE invitation.state END = $4::bigint)
ORDER BY invitation_id DESC
LIMIT $6
