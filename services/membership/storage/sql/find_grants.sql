-- The memberships of a member that are not over and whose plan has a benefit, with what is used of it in their period.
SELECT m.membership_id, m.member_id, m.plan_id, m.state, m.currency_code, m.price_minor, m.payment_method,
       m.create_time, m.start_time, m.anchor_time, m.period_index, m.period_start, m.period_end, m.trial_end,
       m.cancel_time, m.cancel_cause, m.cancel_reason, m.dunning_start, m.retries, m.in_arrears, m.end_time,
       m.history_count, m.label_count, m.next_due_time, plan.billing_kind, plan.billing_count, plan.benefits_in_grace,
       benefit.kind, benefit.quota, benefit.numerator, benefit.denominator, benefit.points,
       coalesce(uses.used, 0) AS used
FROM membership.membership AS m
JOIN membership.plan_benefit AS benefit
  ON benefit.program_key = m.program_key AND benefit.plan_id = m.plan_id AND benefit.benefit_id = $3
JOIN membership.plan ON plan.program_key = m.program_key AND plan.plan_id = m.plan_id
LEFT JOIN membership.benefit_use AS uses
  ON uses.program_key = m.program_key AND uses.membership_id = m.membership_id AND uses.benefit_id = $3
 AND uses.period_index = m.period_index
WHERE m.program_key = $1 AND m.member_id = $2 AND m.state <> 6
ORDER BY m.membership_id
