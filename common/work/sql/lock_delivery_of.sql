-- A delivery by what brought it about.
SELECT delivery_id, state, attempts, points
FROM delivery
WHERE program_key = $1 AND cause = $2 AND part = $3 AND member_id = $4
FOR UPDATE
