-- The living membership of a member and a plan, if there is one, and whether there ever was one.
SELECT max(membership_id) FILTER (WHERE state <> 6) AS living, count(*) > 0 AS any
FROM membership.membership
WHERE program_key = $1 AND member_id = $2 AND plan_id = $3
