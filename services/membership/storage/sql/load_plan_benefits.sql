-- The benefits of some plans, in the order of each.
SELECT plan_id, benefit_id, kind, quota, numerator, denominator, points
FROM membership.plan_benefit
WHERE program_key = $1 AND plan_id = ANY ($2::text[])
ORDER BY plan_id, position
