-- A member's profile: that of the member into whom it was merged, if it was. A program without the member gives one row
-- without its id; no program, no row.
SELECT member.member_id, coalesce(owner.profile, member.profile) AS profile,
       coalesce(owner.close_time, member.close_time) AS close_time
FROM platform.program
LEFT JOIN points.member ON member.program_key = program.program_key AND member.member_id = $2
LEFT JOIN points.member AS owner ON owner.program_key = member.program_key AND owner.account_id = member.merged_account_id
WHERE program.program_id = $1
