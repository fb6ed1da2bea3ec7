-- Takes up to $3 pending deliveries whose time has come ($1), of all programs, and leaves them to the caller until $2: who
-- does not record what became of them by then has died, and somebody else tries again. A label waits for earlier
-- deliveries of that label, a reversal for the end of the award that it takes back.
WITH RECURSIVE programs AS (
    SELECT min(program_key) AS program_key FROM delivery WHERE state = 1
    UNION ALL
    SELECT (SELECT min(program_key) FROM delivery WHERE state = 1 AND program_key > programs.program_key)
    FROM programs
    WHERE programs.program_key IS NOT NULL
),
due AS MATERIALIZED (
    SELECT one.*
    FROM programs, LATERAL (
        SELECT program_key, delivery_id, reversed_delivery
        FROM delivery
        WHERE program_key = programs.program_key AND state = 1 AND next_attempt_time <= $1
          AND (kind <> 2 OR NOT EXISTS (
              SELECT FROM delivery AS earlier
              WHERE earlier.program_key = delivery.program_key AND earlier.member_id = delivery.member_id
                AND earlier.delivery_id < delivery.delivery_id AND earlier.state = 1 AND earlier.label = delivery.label))
          AND (kind <> 3 OR NOT EXISTS (
              SELECT FROM delivery AS award
              WHERE award.program_key = delivery.program_key AND award.delivery_id = delivery.reversed_delivery
                AND award.state = 1))
        ORDER BY next_attempt_time
        LIMIT $3
        FOR UPDATE SKIP LOCKED
    ) AS one
    LIMIT $3
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
