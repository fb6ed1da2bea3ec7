-- A survey by our key.
SELECT survey_key, survey_id, display_name, questions, completion_points, trigger_kind, trigger_nth, trigger_min_amount_minor,
       invitation_validity_s, cases_for_detractors, cases_csat_at_most, first_reply_within_s, make_good_limit_points,
       min_group_size, state, create_time, publish_time, close_time
FROM surveys.survey
WHERE program_key = $1 AND survey_key = $2
