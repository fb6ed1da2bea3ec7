-- The program's entries are numbered without gaps up to the event head.
SELECT 'position' AS invariant, NULL::bigint AS account_id,
       format('the event head is at %s, there are %s entries, their positions go from %s to %s', head, entries, first,
              last) AS description
FROM (
    SELECT coalesce((SELECT last_position FROM points.event_head WHERE program_key = $1), -1) AS head,
           count(*) AS entries, coalesce(min(position), 1) AS first, coalesce(max(position), 0) AS last
    FROM points.entry
    WHERE program_key = $1
) AS numbers
WHERE head <> entries OR first <> 1 OR last <> entries
