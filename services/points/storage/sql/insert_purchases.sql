-- Labels come as a text[] literal each, since unnest would flatten an array of arrays.
INSERT INTO points.purchase (program_key, order_id, account_id, sequence, total_minor, lines, labels)
SELECT $1, order_id, account_id, sequence, total_minor, lines::jsonb, labels::text[]
FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])
    AS new (order_id, account_id, sequence, total_minor, lines, labels)
