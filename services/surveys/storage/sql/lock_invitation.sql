-- An invitation by its token, locked until the transaction ends.
SELECT invitation_id, invitation.survey_key, survey_id, member_id, token, channel, segment, invitation.create_time,
       create_date, expire_time, invitation.state, answer_time, order_id
FROM surveys.invitation
JOIN surveys.survey ON survey.program_key = invitation.program_key AND survey.survey_key = invitation.survey_key
WHERE invitation.program_key = $1 AND token = $2
FOR UPDATE OF invitation
