-- The benefits of a new plan, one array a column.
INSERT INTO membership.plan_benefit (program_key, plan_id, position, benefit_id, kind, quota, numerator, denominator, points)
SELECT $1, $2, generate_series(1, cardinality($3::text[])), unnest($3::text[]), unnest($4::bigint[]), unnest($5::bigint[]),
       unnest($6::bigint[]), unnest($7::bigint[]), unnest($8::bigint[])
