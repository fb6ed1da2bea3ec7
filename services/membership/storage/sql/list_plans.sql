-- A page of plans in the order of their ids; archived ones only if asked for.
SELECT plan_id, display_name, billing_kind, billing_count, trial_days, array_to_string(retry_days, ',') AS retry_days,
       benefits_in_grace, after_dunning, prices, create_time, archive_time
FROM membership.plan
WHERE program_key = $1 AND plan_id > $2 AND ($3 OR archive_time = 'infinity')
ORDER BY plan_id
LIMIT $4
