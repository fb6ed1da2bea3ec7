-- How many memberships each program has in each state.
SELECT program.program_id AS program,
       (ARRAY['pending_payment', 'trialing', 'active', 'grace', 'cancelled', 'expired'])[counted.state] AS state,
       counted.memberships
FROM (
    SELECT program_key, state, count(*) AS memberships FROM membership.membership GROUP BY program_key, state
) AS counted
JOIN platform.program ON program.program_key = counted.program_key
