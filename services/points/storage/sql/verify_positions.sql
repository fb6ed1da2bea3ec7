-- The program's entries and other events are numbered without gaps, and without doubles, up to the event head.
SELECT 'position' AS invariant, NULL::bigint AS account_id,
       format('the event head is at %s, there are %s entries and events, their positions go from %s to %s', head, events,
              first, last) AS description
FROM (
    SELECT coalesce((SELECT last_position FROM points.event_head WHERE program_key = $1), -1) AS head,
           count(*) AS events, count(DISTINCT position) AS positions, coalesce(min(position), 1) AS first,
           coalesce(max(position), 0) AS last
    FROM (
        SELECT position FROM points.entry WHERE program_key = $1
        UNION ALL
        SELECT position FROM points.outbox WHERE program_key = $1
    ) AS event
) AS numbers
WHERE head <> events OR first <> 1 OR last <> events OR positions <> events
