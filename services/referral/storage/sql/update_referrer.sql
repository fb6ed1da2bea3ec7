UPDATE referral.referrer
SET qualified = $4, rewarded = $5, paying = $6, promised_points = $7, awarded_points = $8, paying_by_month = $9::jsonb
WHERE program_key = $1 AND campaign_id = $2 AND referrer_id = $3
