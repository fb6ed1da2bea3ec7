-- A later delivery of the same label of the same member.
SELECT delivery_id
FROM delivery
WHERE program_key = $1 AND member_id = $2 AND label = $3 AND delivery_id > $4 AND state <> 4
ORDER BY delivery_id DESC
LIMIT 1
