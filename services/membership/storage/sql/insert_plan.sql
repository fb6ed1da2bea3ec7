-- A new plan; no row if the id is taken.
INSERT INTO membership.plan (program_key, plan_id, display_name, billing_kind, billing_count, trial_days, retry_days,
                             benefits_in_grace, after_dunning, prices, create_time)
VALUES ($1, $2, $3, $4, $5, $6, $7::integer[], $8, $9, $10::jsonb, $11)
ON CONFLICT (program_key, plan_id) DO NOTHING
RETURNING 1
