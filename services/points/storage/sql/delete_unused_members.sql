-- Takes back members that create_members made for commands that were all refused.
WITH gone AS (
    DELETE FROM points.member
    WHERE program_key = $1 AND account_id = ANY ($2::bigint[])
)
DELETE FROM points.account
WHERE program_key = $1 AND account_id = ANY ($2::bigint[])
