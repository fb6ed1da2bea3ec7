-- The batch's entries, numbered within the program. Runs last: from here to the commit the event head is locked.
-- The arrays are unnested side by side in the select list, where rows are not collected before they are used.
WITH head AS (
    UPDATE points.event_head
    SET last_position = last_position + cardinality($2::bigint[])
    WHERE program_key = $1
    RETURNING last_position - cardinality($2::bigint[]) AS base
)
INSERT INTO points.entry (program_key, position, account_id, sequence, kind, points, balance_after, occurred_time,
                          recorded_time, content, request_id, order_id, rule_id, reason, actor, channel, location,
                          total_minor, lines, labels)
SELECT $1, (SELECT base FROM head) + number, account_id, sequence, kind, points, balance_after, occurred_time,
       recorded_time, content, request_id, order_id, rule_id, reason, actor, channel, location, total_minor, lines::jsonb,
       labels::jsonb
FROM (
    SELECT generate_series(1, cardinality($2::bigint[])) AS number, unnest($2::bigint[]) AS account_id,
           unnest($3::bigint[]) AS sequence, unnest($4::bigint[]) AS kind, unnest($5::bigint[]) AS points,
           unnest($6::bigint[]) AS balance_after, unnest($7::timestamptz[]) AS occurred_time,
           unnest($8::timestamptz[]) AS recorded_time, unnest($9::uuid[]) AS content, unnest($10::text[]) AS request_id,
           unnest($11::text[]) AS order_id, unnest($12::text[]) AS rule_id, unnest($13::text[]) AS reason,
           unnest($14::text[]) AS actor, unnest($15::text[]) AS channel, unnest($16::text[]) AS location,
           unnest($17::bigint[]) AS total_minor, unnest($18::text[]) AS lines,
           unnest($19::text[]) AS labels
) AS new
