-- What the planner believes before there is data. For an empty table, or one without statistics, PostgreSQL thinks that
-- few rows pass `program_key = $1`, and the generic plans that a connection keeps then walk through whole programs once
-- the tables have grown. In truth most rows belong to a few programs. So every table of the hot path holds a small sample
-- of a program 0, which nobody can have, and is told that program_key says next to nothing: with that, each statement is
-- planned as a look-up by its full key, on the first day as on the last.
INSERT INTO points.member SELECT 0, 'sample-' || i, i, now() FROM generate_series(1, 3000) AS i;
INSERT INTO points.account (program_key, account_id) SELECT 0, i FROM generate_series(1, 3000) AS i;
INSERT INTO points.entry (program_key, account_id, sequence, position, points, balance_after, occurred_time, recorded_time,
                          content, kind, request_id, order_id, total_minor, lines)
SELECT 0, i, 1, i, 1, 1, now(), now(), gen_random_uuid(), 1, 'sample-' || i, 'sample-' || i, 1, '[]'
FROM generate_series(1, 3000) AS i;
INSERT INTO points.lot SELECT 0, i, now(), 1, 1 FROM generate_series(1, 3000) AS i;
INSERT INTO points.lot_use SELECT 0, i, 2, 1, 1, now() FROM generate_series(1, 3000) AS i;

ALTER TABLE points.member ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE points.account ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE points.entry ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE points.lot ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE points.lot_use ALTER COLUMN program_key SET (n_distinct = 1);
ANALYZE points.member, points.account, points.entry, points.lot, points.lot_use;
