-- Monthly recurring revenue: what the memberships that are active or in grace, and renew, pay in a month, in minor units.
-- The price of a period ÷ its months, summed up exactly and rounded down once. One that is free counts with 0.
SELECT program.program_id AS program, paying.currency_code AS currency,
       floor(sum(paying.price_minor / CASE plan.billing_kind WHEN 3 THEN 12 * plan.billing_count
                                                             ELSE plan.billing_count END)) AS monthly_minor
FROM (
    SELECT program_key, plan_id, currency_code, sum(price_minor) AS price_minor
    FROM membership.membership
    WHERE state IN (3, 4)
    GROUP BY program_key, plan_id, currency_code
) AS paying
JOIN membership.plan ON plan.program_key = paying.program_key AND plan.plan_id = paying.plan_id
JOIN platform.program ON program.program_key = paying.program_key
WHERE plan.billing_kind IN (2, 3)
GROUP BY program.program_id, paying.currency_code
