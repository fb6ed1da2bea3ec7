SELECT referral_id FROM referral.referral WHERE program_key = $1 AND friend_id = $2
