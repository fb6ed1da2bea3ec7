-- What became of deliveries that were claimed until $7: delivered (2), refused (3), cancelled (4), or to be tried again (1).
-- A cancellation counts only while the claim stands: a retry of the award may have come in between.
WITH result AS (
    SELECT unnest($1::bigint[]) AS program_key, unnest($2::bigint[]) AS delivery_id, unnest($3::bigint[]) AS state,
           unnest($4::timestamptz[]) AS next_attempt_time, unnest($5::text[]) AS reason, unnest($6::text[]) AS message
),
recorded AS (
    UPDATE delivery
    SET state = result.state, next_attempt_time = result.next_attempt_time, refusal_reason = result.reason,
        refusal_message = result.message, end_time = CASE WHEN result.state <> 1 THEN $8::timestamptz END
    FROM result
    WHERE delivery.program_key = result.program_key AND delivery.delivery_id = result.delivery_id AND delivery.state = 1
      AND (result.state <> 4 OR delivery.next_attempt_time = $7::timestamptz)
    RETURNING delivery.state
)
SELECT count(*) FILTER (WHERE state = 2), count(*) FILTER (WHERE state = 3), count(*) FILTER (WHERE state = 4) FROM recorded
