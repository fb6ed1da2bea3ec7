-- A small sample of a program 0, which nobody can have, so that each statement is planned as a look-up by its full key
-- from the first day on: docs/adr/0003-planner-sample.md.
INSERT INTO membership.plan (program_key, plan_id, display_name, billing_kind, billing_count, trial_days, retry_days,
                             benefits_in_grace, after_dunning, prices, create_time)
SELECT 0, 'sample-' || i, 'Sample', 2, 1, 0, '{}', false, 2, '[]', now() FROM generate_series(1, 300) AS i;
INSERT INTO membership.plan_benefit (program_key, plan_id, benefit_id, position, kind, quota, numerator, denominator, points)
SELECT 0, 'sample-' || i, 'sample-' || j, j, 1, 0, 0, 0, 0 FROM generate_series(1, 300) AS i, generate_series(1, 3) AS j;
INSERT INTO membership.membership (
    program_key, membership_id, member_id, plan_id, state, currency_code, price_minor, payment_method, create_time, start_time,
    anchor_time, period_index, period_start, period_end, trial_end, cancel_time, cancel_cause, cancel_reason, dunning_start,
    retries, in_arrears, end_time, history_count, label_count,
    next_due_time)
SELECT 0, i, 'sample-' || i, 'sample-' || 1 + i % 300, 3, 'EUR', 1, '', now(), now(), now(), 0, now(),
       now() + interval '1 month', '-infinity', 'infinity', 0, '', 'infinity', 0, false, 'infinity', 1, 1,
       'infinity'
FROM generate_series(1, 3000) AS i;
INSERT INTO membership.membership_history
SELECT 0, i, 1, 1, 0, 3, now(), now(), '', '' FROM generate_series(1, 3000) AS i;
INSERT INTO membership.invoice SELECT 0, i, i, 'sample-' || i, 3, 'EUR', 1, now(), now() FROM generate_series(1, 3000) AS i;
INSERT INTO membership.invoice_line
SELECT 0, i, 1, i, 0, 1, 'Sample', 1, now(), now() FROM generate_series(1, 3000) AS i;
INSERT INTO membership.charge
SELECT 0, i, 1, 4, 0, now(), 'sample', '', false, 0, 0, now(), 'infinity' FROM generate_series(1, 3000) AS i;
INSERT INTO membership.benefit_use SELECT 0, i, 'sample-1', 0, 1 FROM generate_series(1, 3000) AS i;

ALTER TABLE membership.plan ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE membership.plan_benefit ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE membership.membership ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE membership.membership_history ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE membership.invoice ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE membership.invoice_line ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE membership.charge ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE membership.benefit_use ALTER COLUMN program_key SET (n_distinct = 1);
ANALYZE membership.plan, membership.plan_benefit, membership.membership, membership.membership_history, membership.invoice,
        membership.invoice_line, membership.charge, membership.benefit_use;
