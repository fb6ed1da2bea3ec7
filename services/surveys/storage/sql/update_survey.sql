UPDATE surveys.survey
SET display_name = $3, questions = $4, completion_points = $5, trigger_kind = $6, trigger_nth = $7,
    trigger_min_amount_minor = $8, invitation_validity_s = $9, cases_for_detractors = $10, cases_csat_at_most = $11,
    first_reply_within_s = $12, make_good_limit_points = $13, min_group_size = $14, state = $15, create_time = $16,
    publish_time = $17, close_time = $18
WHERE program_key = $1 AND survey_id = $2
