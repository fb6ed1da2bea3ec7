-- Notes a purchase that is earlier than what is known; locks the member's row in any case.
INSERT INTO referral.member (program_key, member_id, first_purchase_time)
VALUES ($1, $2, $3)
ON CONFLICT (program_key, member_id) DO UPDATE SET first_purchase_time = excluded.first_purchase_time
WHERE member.first_purchase_time > excluded.first_purchase_time
