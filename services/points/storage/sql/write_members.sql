-- What changed about members: profiles, that they left, and whose account is whose since two were merged. Before the
-- accounts are written, which are locked.
WITH changed AS (
    SELECT * FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bigint[])
                      AS changed (account_id, profile, close_time, sequence, merged_into)
),
members AS (
    UPDATE points.member
    SET profile = changed.profile::jsonb, close_time = changed.close_time, profile_sequence = changed.sequence,
        merged_account_id = changed.merged_into
    FROM changed
    WHERE member.program_key = $1 AND member.account_id = changed.account_id
),
-- Those who were merged into a member that is merged now go on with it.
earlier_members AS (
    UPDATE points.member
    SET merged_account_id = changed.merged_into
    FROM changed
    WHERE member.program_key = $1 AND member.merged_account_id = changed.account_id AND changed.merged_into IS NOT NULL
),
earlier_accounts AS (
    UPDATE points.account
    SET merged_into = changed.merged_into
    FROM changed
    WHERE account.program_key = $1 AND account.merged_into = changed.account_id AND changed.merged_into IS NOT NULL
)
UPDATE points.account
SET profile_sequence = changed.sequence, merged_into = changed.merged_into
FROM changed
WHERE account.program_key = $1 AND account.account_id = changed.account_id
