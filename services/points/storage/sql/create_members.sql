-- Members that are missing, each with an account. In the order of their ids, so that two replicas wait for each other
-- and never in a circle. Returns the accounts that are new. Who changes the program meanwhile waits (await_members):
-- accounts are due then, and these too.
WITH making AS MATERIALIZED (
    SELECT pg_advisory_xact_lock_shared('points.member'::regclass::oid::integer, $1)
), created AS (
    INSERT INTO points.member (program_key, member_id, account_id, enroll_time)
    SELECT $1, wanted.member_id, nextval('points.account_id'), $3
    FROM unnest($2::text[]) AS wanted (member_id) CROSS JOIN making
    ORDER BY wanted.member_id COLLATE "C"
    ON CONFLICT (program_key, member_id) DO NOTHING
    RETURNING account_id
)
INSERT INTO points.account (program_key, account_id)
SELECT $1, account_id FROM created
RETURNING account_id
