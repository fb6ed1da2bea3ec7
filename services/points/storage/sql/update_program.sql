-- A program's settings. With the policies stands when some of them were last changed, {"tiers": "…", "returns": "…"}:
-- what was decided before that cannot be worked out again.
WITH settings AS (
    INSERT INTO points.settings (program_key, policies) VALUES ($1, $10::text::jsonb || jsonb_build_object('changed', $11::text::jsonb))
    ON CONFLICT (program_key) DO UPDATE
    SET policies = excluded.policies
                   || jsonb_build_object('changed', coalesce(settings.policies -> 'changed', '{}') || $11::text::jsonb)
)
UPDATE platform.program
SET display_name = $2, points_singular = $3, points_plural = $4, rate_points = $5, rate_per_units = $6,
    rounding_mode = $7, enrollment_mode = $8, update_time = $9
WHERE program_key = $1
