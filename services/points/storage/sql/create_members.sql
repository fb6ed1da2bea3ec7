-- Members that are missing, each with an account. In the order of their ids, so that two replicas wait for each other
-- and never in a circle. Returns the accounts that are new. The program does not change meanwhile: who changes it makes
-- accounts due, and has to see these.
WITH program AS MATERIALIZED (
    SELECT FROM platform.program WHERE program_key = $1 FOR KEY SHARE
), created AS (
    INSERT INTO points.member (program_key, member_id, account_id, enroll_time)
    SELECT $1, wanted.member_id, nextval('points.account_id'), $3
    FROM unnest($2::text[]) AS wanted (member_id) CROSS JOIN program
    ORDER BY wanted.member_id COLLATE "C"
    ON CONFLICT (program_key, member_id) DO NOTHING
    RETURNING account_id
)
INSERT INTO points.account (program_key, account_id)
SELECT $1, account_id FROM created
RETURNING account_id
