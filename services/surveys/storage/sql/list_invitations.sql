-- A page of a survey's invitations, newest first, before an id; of a member ('': all) and in a state (0: all) at a time.
SELECT invitation_id, invitation.survey_key, survey_id, member_id, token, channel, segment, invitation.create_time,
       create_date, expire_time, invitation.state, answer_time, order_id
FROM surveys.invitation
JOIN surveys.survey ON survey.program_key = invitation.program_key AND survey.survey_key = invitation.survey_key
WHERE invitation.program_key = $1 AND invitation.survey_key = $2 AND invitation_id < $3
  AND ($4 = '' OR member_id = $4)
  AND ($5::bigint = 0
       OR CASE WHEN invitation.state = 1 AND expire_time <= $6::timestamptz THEN 3 ELSE invitation.state END = $5::bigint)
ORDER BY invitation_id DESC
LIMIT $7
