-- A membership.
SELECT membership_id, member_id, plan_id, state, currency_code, price_minor, payment_method, create_time, start_time,
       anchor_time, period_index, period_start, period_end, trial_end, cancel_time, cancel_cause, cancel_reason,
       dunning_start, retries, in_arrears, end_time, history_count, label_count, next_due_time
FROM membership.membership
WHERE program_key = $1 AND membership_id = $2
