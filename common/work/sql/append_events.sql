-- Numbers events within the program, after those that are there, and writes them. The last statement of a transaction:
-- who comes later waits here for its commit.
WITH head AS (
    INSERT INTO event_head (program_key, last_position) VALUES ($1, cardinality($2::text[]))
    ON CONFLICT (program_key) DO UPDATE SET last_position = event_head.last_position + excluded.last_position
    RETURNING last_position - cardinality($2::text[]) AS base
)
INSERT INTO outbox (program_key, position, type, member_id, cause, actor, occurred_time, recorded_time, payload)
SELECT $1, head.base + number, type, member_id, cause, actor, occurred_time, $7, payload
FROM head, LATERAL (
    SELECT generate_series(1, cardinality($2::text[])) AS number, unnest($2::text[]) AS type,
           unnest($3::text[]) AS member_id, unnest($4::text[]) AS cause, unnest($5::text[]) AS actor,
           unnest($6::timestamptz[]) AS occurred_time, unnest($8::bytea[]) AS payload
) AS new
