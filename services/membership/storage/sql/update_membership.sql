-- What can change of a membership.
UPDATE membership.membership
SET state = $3, payment_method = $4, start_time = $5, anchor_time = $6, period_index = $7, period_start = $8,
    period_end = $9, cancel_time = $10, cancel_cause = $11, cancel_reason = $12, dunning_start = $13, retries = $14,
    in_arrears = $15, end_time = $16, history_count = $17, label_count = $18, next_due_time = $19
WHERE program_key = $1 AND membership_id = $2
