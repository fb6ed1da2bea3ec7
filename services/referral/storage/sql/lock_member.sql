-- Locks a member's row, which is made if there is none; gives the first purchase that is known.
INSERT INTO referral.member (program_key, member_id, first_purchase_time)
VALUES ($1, $2, 'infinity')
ON CONFLICT (program_key, member_id) DO UPDATE SET first_purchase_time = member.first_purchase_time
RETURNING first_purchase_time
