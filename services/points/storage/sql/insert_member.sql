-- A member with an account; no row if the member exists.
WITH member AS (
    INSERT INTO points.member (program_key, member_id, account_id, enroll_time)
    VALUES ($1, $2, nextval('points.account_id'), $3)
    ON CONFLICT (program_key, member_id) DO NOTHING
    RETURNING account_id
)
INSERT INTO points.account (program_key, account_id)
SELECT $1, account_id FROM member
RETURNING account_id
