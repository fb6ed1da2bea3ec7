SELECT referral_id FROM referral.referral WHERE program_key = $1 AND order_id = $2
