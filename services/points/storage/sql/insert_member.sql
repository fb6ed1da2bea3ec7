-- A member with an account; no row if the member exists. Where the program celebrates, the account is looked at at once.
WITH member AS (
    INSERT INTO points.member (program_key, member_id, account_id, enroll_time)
    VALUES ($1, $2, nextval('points.account_id'), $3)
    ON CONFLICT (program_key, member_id) DO NOTHING
    RETURNING account_id
)
INSERT INTO points.account (program_key, account_id, next_due_time)
SELECT $1, account_id,
       CASE WHEN EXISTS (SELECT FROM points.settings WHERE program_key = $1 AND policies ? 'celebrations')
            THEN $3::timestamptz ELSE 'infinity' END
FROM member
RETURNING account_id
