-- Open invitations whose time is over, the oldest first, locked; those that others work on are left out.
SELECT invitation_id, invitation.survey_key, survey_id, member_id, token, channel, segment, invitation.create_time,
       create_date, expire_time, invitation.state, answer_time, order_id
FROM surveys.invitation
JOIN surveys.survey ON survey.program_key = invitation.program_key AND survey.survey_key = invitation.survey_key
WHERE invitation.program_key = $1 AND invitation.state = 1 AND expire_time <= $2
ORDER BY expire_time
LIMIT $3
FOR UPDATE OF invitation SKIP LOCKED
