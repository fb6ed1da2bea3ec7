-- A new program, its policies and its event head; no row if the id is taken.
WITH program AS (
    INSERT INTO platform.program (program_id, display_name, currency_code, time_zone, points_singular, points_plural,
                                  rate_points, rate_per_units, rounding_mode, enrollment_mode, create_time, update_time)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
    ON CONFLICT (program_id) DO NOTHING
    RETURNING program_key
),
settings AS (
    INSERT INTO points.settings (program_key, policies)
    SELECT program_key, $12::text::jsonb FROM program
)
INSERT INTO points.event_head (program_key, last_position)
SELECT program_key, 0 FROM program
RETURNING program_key
