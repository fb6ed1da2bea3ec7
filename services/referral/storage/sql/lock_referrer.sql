SELECT campaign_id, referrer_id, claimed, qualified, rewarded, paying, promised_points, awarded_points, paying_by_month
FROM referral.referrer
WHERE program_key = $1 AND campaign_id = $2 AND referrer_id = $3
FOR UPDATE
