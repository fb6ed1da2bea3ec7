-- The batch's entries, numbered within the program. Runs last: from here to the commit the event head is locked.
-- Labels come as a text[] literal each, since unnest would flatten an array of arrays.
WITH head AS (
    UPDATE points.event_head
    SET last_position = last_position + cardinality($2::bigint[])
    WHERE program_key = $1
    RETURNING last_position - cardinality($2::bigint[]) AS base
)
INSERT INTO points.entry (program_key, position, account_id, sequence, kind, points, balance_after, occurred_time,
                          recorded_time, content, request_id, order_id, rule_id, reason, actor, channel, location, total_minor,
                          lines, labels)
SELECT $1, head.base + new.ordinality, new.account_id, new.sequence, new.kind, new.points, new.balance_after,
       new.occurred_time, new.recorded_time, new.content, new.request_id, new.order_id, new.rule_id, new.reason,
       new.actor, new.channel, new.location, new.total_minor, new.lines::jsonb, new.labels::text[]
FROM head
CROSS JOIN unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::bigint[], $7::timestamptz[],
                  $8::timestamptz[], $9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
                  $15::text[], $16::text[], $17::bigint[], $18::text[], $19::text[]) WITH ORDINALITY
    AS new (account_id, sequence, kind, points, balance_after, occurred_time, recorded_time, content, request_id,
            order_id, rule_id, reason, actor, channel, location, total_minor, lines, labels, ordinality)
