-- All notes of a case, in order.
SELECT case_id, number, kind, text, actor, create_time
FROM surveys.case_note
WHERE program_key = $1 AND case_id = $2
ORDER BY number
