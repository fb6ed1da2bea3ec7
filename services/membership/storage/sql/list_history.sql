-- A membership's history, the newest first.
SELECT sequence, transition, from_state, to_state, occurred_time, recorded_time, actor, reason
FROM membership.membership_history
WHERE program_key = $1 AND membership_id = $2
ORDER BY sequence DESC
LIMIT $3
