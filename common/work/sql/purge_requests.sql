-- Forgets up to $2 answers that are older than $1.
WITH old AS MATERIALIZED (
    SELECT one.*
    FROM platform.program, LATERAL (
        SELECT program_key, request_id
        FROM request
        WHERE program_key = program.program_key AND create_time < $1
        ORDER BY create_time
        LIMIT $2
        FOR UPDATE SKIP LOCKED
    ) AS one
    LIMIT $2
)
DELETE FROM request USING old WHERE request.program_key = old.program_key AND request.request_id = old.request_id
