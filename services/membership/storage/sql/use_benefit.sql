-- Takes uses of a quota in a period: how many are used then, or no row if fewer are left than asked.
INSERT INTO membership.benefit_use AS uses (program_key, membership_id, benefit_id, period_index, used)
SELECT $1, $2, $3, $4, $5::bigint
WHERE $5::bigint <= $6::bigint
ON CONFLICT (program_key, membership_id, benefit_id, period_index) DO UPDATE
SET used = uses.used + excluded.used
WHERE uses.used + excluded.used <= $6::bigint
RETURNING used
