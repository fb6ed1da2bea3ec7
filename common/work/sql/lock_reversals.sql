-- What takes back an award, or was to.
SELECT delivery_id, points, state FROM delivery WHERE program_key = $1 AND reversed_delivery = $2 ORDER BY delivery_id FOR UPDATE
