-- Points that lapse, mature, are held or owed; tiers, budgets and what a program's policies say.

-- What is known of a person beside points.
ALTER TABLE points.member ADD COLUMN profile jsonb;  -- {"birthday", "segment", …}; NULL: nothing

ALTER TABLE points.account
    ADD COLUMN pending       bigint      NOT NULL DEFAULT 0 CHECK (pending >= 0),
    ADD COLUMN held          bigint      NOT NULL DEFAULT 0 CHECK (held >= 0),
    ADD COLUMN debt          bigint      NOT NULL DEFAULT 0 CHECK (debt >= 0),
    ADD COLUMN purchases     bigint      NOT NULL DEFAULT 0 CHECK (purchases >= 0),  -- less those given back as a whole
    ADD COLUMN active_time   timestamptz NOT NULL DEFAULT '-infinity',               -- of the last earning or spending
    ADD COLUMN next_due_time timestamptz NOT NULL DEFAULT 'infinity',                -- nothing is due before it
    ADD COLUMN state         jsonb;  -- the tier, and what rules gave in their periods; NULL: as it begins
CREATE INDEX account_due ON points.account (program_key, next_due_time) WHERE next_due_time < 'infinity';

UPDATE points.account
SET purchases = past.purchases - past.given_back, active_time = past.active_time
FROM (
    SELECT program_key, account_id, count(*) FILTER (WHERE kind = 1) AS purchases,
           max(occurred_time) FILTER (WHERE kind <= 4) AS active_time,
           (SELECT count(*)
            FROM points.entry AS bought
            WHERE bought.program_key = entry.program_key AND bought.account_id = entry.account_id AND bought.kind = 1
              AND bought.total_minor > 0
              AND bought.total_minor = (SELECT sum(back.total_minor)
                                        FROM points.entry AS back
                                        WHERE back.program_key = bought.program_key
                                          AND back.account_id = bought.account_id
                                          AND back.corrected_sequence = bought.sequence)) AS given_back
    FROM points.entry
    GROUP BY program_key, account_id
) AS past
WHERE account.program_key = past.program_key AND account.account_id = past.account_id AND past.active_time IS NOT NULL;

-- `points` is the change of what can be spent; NULL in the others is 0.
ALTER TABLE points.entry
    ADD COLUMN pending     bigint,       -- the change of what is pending
    ADD COLUMN held        bigint,       -- the change of what is held
    ADD COLUMN debt        bigint,       -- the change of what is owed
    ADD COLUMN expire_time timestamptz,  -- of the lot that it brought in; NULL: never
    ADD COLUMN activity_id text COLLATE "C",
    ADD COLUMN detail      jsonb,        -- what only some kinds say; see entry_row.cc
    DROP CONSTRAINT entry_kind_check,
    ADD CONSTRAINT entry_kind_check CHECK (kind BETWEEN 1 AND 40),
    DROP CONSTRAINT entry_check2;  -- an order of total 0 can be given back, and a cancelled one has no return id
CREATE UNIQUE INDEX entry_activity ON points.entry (program_key, activity_id) WHERE activity_id IS NOT NULL;
-- Spendings for an order, for its return.
CREATE INDEX entry_spent_on ON points.entry (program_key, account_id, order_id) WHERE kind IN (3, 11) AND order_id IS NOT NULL;

-- The key is the order of use: what lapses first goes first.
ALTER TABLE points.lot
    ADD COLUMN expire_time timestamptz NOT NULL DEFAULT 'infinity',
    ADD COLUMN part        integer     NOT NULL DEFAULT 0,  -- which of the entry's lots
    DROP CONSTRAINT lot_pkey,
    ADD PRIMARY KEY (program_key, account_id, expire_time, earned_time, sequence, part);

-- `points` below zero: given back to the lot.
ALTER TABLE points.lot_use
    ADD COLUMN expire_time timestamptz NOT NULL DEFAULT 'infinity',
    ADD COLUMN part        integer     NOT NULL DEFAULT 0,
    DROP CONSTRAINT lot_use_points_check,
    ADD CHECK (points <> 0),
    DROP CONSTRAINT lot_use_pkey,
    ADD PRIMARY KEY (program_key, account_id, sequence, lot_sequence, part, expire_time);
-- Where a lot's points went.
CREATE INDEX lot_use_lot ON points.lot_use (program_key, account_id, lot_sequence);

-- Points that were awarded and cannot be spent yet.
CREATE TABLE points.pending_lot (
    program_key integer     NOT NULL,
    account_id  bigint      NOT NULL,
    sequence    bigint      NOT NULL,  -- of the entry that awarded them
    part        integer     NOT NULL,
    earned_time timestamptz NOT NULL,
    expire_time timestamptz NOT NULL,
    mature_time timestamptz NOT NULL,  -- infinity: until the order is confirmed
    points      bigint      NOT NULL CHECK (points > 0),
    PRIMARY KEY (program_key, account_id, sequence, part)
);

-- Points that are set aside; which lots they are of stands in lot_use.
CREATE TABLE points.hold (
    program_key integer     NOT NULL,
    account_id  bigint      NOT NULL,
    sequence    bigint      NOT NULL,  -- of the entry that did it
    until_time  timestamptz NOT NULL,
    points      bigint      NOT NULL CHECK (points > 0),
    PRIMARY KEY (program_key, account_id, sequence)
);

-- Numbers with an end that many members share: budgets of rules, stocks. Locked after accounts, by name.
CREATE TABLE points.counter (
    program_key integer NOT NULL,
    name        text COLLATE "C" NOT NULL,  -- budget:<rule>
    used        bigint  NOT NULL CHECK (used >= 0),
    PRIMARY KEY (program_key, name)
) WITH (fillfactor = 50);

CREATE TABLE points.settings (
    program_key integer PRIMARY KEY,
    policies    jsonb   NOT NULL  -- expiry, tiers, …; what is not given is the default
);

-- See 0002_planner_sample.sql.
INSERT INTO points.pending_lot SELECT 0, i, 1, 0, now(), 'infinity', 'infinity', 1 FROM generate_series(1, 3000) AS i;
INSERT INTO points.hold SELECT 0, i, 1, now(), 1 FROM generate_series(1, 3000) AS i;
INSERT INTO points.counter SELECT 0, 'sample-' || i, 0 FROM generate_series(1, 3000) AS i;
ALTER TABLE points.pending_lot ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE points.hold ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE points.counter ALTER COLUMN program_key SET (n_distinct = 1);
ANALYZE points.account, points.entry, points.lot, points.lot_use, points.pending_lot, points.hold, points.counter;

-- An entry with the lots that it used, as "sequence|points|earned time|expire time|part,…", and with its member.
-- Kinds that use no lots, unless they repay a debt, are not asked.
DROP VIEW points.entry_in_full;
CREATE VIEW points.entry_in_full AS
SELECT entry.*, uses.lot_uses,
       (SELECT member.member_id FROM points.member
        WHERE member.program_key = entry.program_key AND member.account_id = entry.account_id
        LIMIT 1) AS member_id
FROM points.entry
LEFT JOIN LATERAL (
    SELECT string_agg(concat_ws('|', lot_use.lot_sequence, lot_use.points, lot_use.earned_time, lot_use.expire_time,
                                lot_use.part), ','
                      ORDER BY lot_use.expire_time, lot_use.earned_time, lot_use.lot_sequence, lot_use.part) AS lot_uses
    FROM points.lot_use
    WHERE lot_use.program_key = entry.program_key AND lot_use.account_id = entry.account_id
      AND lot_use.sequence = entry.sequence
      AND (entry.kind NOT IN (1, 2, 7, 8, 15, 19) OR entry.debt IS NOT NULL)
) AS uses ON true;

-- The points of the lots that an entry brought in: those that its detail names, or else one of the entry's points.
CREATE FUNCTION points.brought_in(kind smallint, points bigint, detail jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
               WHEN detail ? 'lots' THEN (SELECT sum((lot ->> 0)::bigint) FROM jsonb_array_elements(detail -> 'lots') AS lot)
               WHEN kind IN (1, 2, 4, 8, 17, 19) THEN greatest(points, 0)
               ELSE 0
           END
$$;

-- A sum as a bigint; one that is too large is the largest.
CREATE FUNCTION points.total(sum numeric) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT least(coalesce(sum, 0), 9223372036854775807)::bigint
$$;
