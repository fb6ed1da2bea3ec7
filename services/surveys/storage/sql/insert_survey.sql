-- A new survey; no row if the id is taken.
INSERT INTO surveys.survey (program_key, survey_id, display_name, questions, completion_points, trigger_kind, trigger_nth,
                            trigger_min_amount_minor, invitation_validity_s, cases_for_detractors, cases_csat_at_most,
                            first_reply_within_s, make_good_limit_points, min_group_size, state, create_time,
                            publish_time, close_time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
ON CONFLICT (program_key, survey_id) DO NOTHING
RETURNING survey_key
