-- As claim_deliveries, but of one program ($1), whether their time has come or not, and waiting for who has them locked.
-- That another one may be sending them already does no harm: points does each once.
WITH due AS MATERIALIZED (
    SELECT program_key, delivery_id, reversed_delivery
    FROM delivery
    WHERE program_key = $1 AND state = 1
      AND (kind <> 2 OR NOT EXISTS (
          SELECT FROM delivery AS earlier
          WHERE earlier.program_key = delivery.program_key AND earlier.member_id = delivery.member_id
            AND earlier.delivery_id < delivery.delivery_id AND earlier.state = 1 AND earlier.label = delivery.label))
      AND (kind <> 3 OR NOT EXISTS (
          SELECT FROM delivery AS award
          WHERE award.program_key = delivery.program_key AND award.delivery_id = delivery.reversed_delivery
            AND award.state = 1))
    ORDER BY delivery_id
    LIMIT $3
    FOR UPDATE
)
UPDATE delivery
SET next_attempt_time = $2, attempts = delivery.attempts + 1
FROM due
JOIN platform.program ON program.program_key = due.program_key
LEFT JOIN delivery AS award ON award.program_key = due.program_key AND award.delivery_id = due.reversed_delivery
WHERE delivery.program_key = due.program_key AND delivery.delivery_id = due.delivery_id
RETURNING delivery.program_key, program.program_id, delivery.delivery_id, delivery.kind, delivery.cause, delivery.part,
          delivery.member_id, delivery.request_id, delivery.points, delivery.label, delivery.from_time, delivery.until_time,
          delivery.reversed_delivery, delivery.reason, delivery.occurred_time, delivery.state, delivery.attempts,
          delivery.next_attempt_time, delivery.create_time, delivery.end_time, delivery.refusal_reason,
          delivery.refusal_message, award.request_id AS award_request_id, award.state AS award_state
