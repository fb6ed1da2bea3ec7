-- Counts one more purchase of a member for a survey.
INSERT INTO surveys.purchase_count (program_key, survey_key, member_id, purchases)
VALUES ($1, $2, $3, 1)
ON CONFLICT (program_key, survey_key, member_id) DO UPDATE SET purchases = purchase_count.purchases + 1
RETURNING purchases
