-- A new membership; no row if the member has a living one of the plan.
INSERT INTO membership.membership (
    program_key, membership_id, member_id, plan_id, state, currency_code, price_minor, payment_method, create_time, start_time,
    anchor_time, period_index, period_start, period_end, trial_end, cancel_time, cancel_cause, cancel_reason,
    dunning_start, retries, in_arrears, end_time, history_count, label_count, next_due_time)
VALUES ($1, nextval('membership.membership_id'), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
        $17, $18, $19, $20, $21, $22, $23, $24)
ON CONFLICT (program_key, member_id, plan_id) WHERE state <> 6 DO NOTHING
RETURNING membership_id
