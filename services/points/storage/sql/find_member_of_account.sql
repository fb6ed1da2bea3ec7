-- The member who owns an account.
SELECT member_id FROM points.member WHERE program_key = $1 AND account_id = $2
