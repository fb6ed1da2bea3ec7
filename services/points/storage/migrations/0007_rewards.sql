-- What members can redeem points for, its codes, and who redeemed it. How many redemptions of a reward stand is the
-- counter stock:<reward>, which exists as long as the reward.
CREATE TABLE points.reward (
    program_key  integer     NOT NULL,
    reward_id    text COLLATE "C" NOT NULL,
    display_name text        NOT NULL,
    content      jsonb       NOT NULL,  -- kind, price, conditions: see reward_json.cc
    charity_id   text COLLATE "C",      -- of a donation: the member whose account the batch has to lock
    create_time  timestamptz NOT NULL,
    update_time  timestamptz NOT NULL,
    archive_time timestamptz,           -- NULL: on offer
    PRIMARY KEY (program_key, reward_id)
);

-- Codes, uploaded and made. One that was made has an owner from the beginning, and keeps it.
CREATE SEQUENCE points.reward_code_number;
CREATE TABLE points.reward_code (
    program_key integer NOT NULL,
    code        text COLLATE "C" NOT NULL,
    reward_id   text COLLATE "C" NOT NULL,
    number      bigint  NOT NULL,  -- in the order of uploading
    account_id  bigint,            -- who has it, and by which entry; NULL: free
    sequence    bigint,
    PRIMARY KEY (program_key, code),
    CHECK ((account_id IS NULL) = (sequence IS NULL))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX reward_code_free ON points.reward_code (program_key, reward_id, number) WHERE account_id IS NULL;

-- What became of a redemption; its price, times and request stand in its entry.
CREATE TABLE points.redemption (
    program_key  integer  NOT NULL,
    account_id   bigint   NOT NULL,
    sequence     bigint   NOT NULL,  -- of the entry that paid
    reward_id    text COLLATE "C" NOT NULL,
    state        smallint NOT NULL CHECK (state BETWEEN 1 AND 3),  -- pending, fulfilled, cancelled
    code         text COLLATE "C",   -- NULL: the reward has none
    code_number  bigint,             -- of an uploaded code
    limit_window smallint CHECK (limit_window BETWEEN 1 AND 4),    -- where it counts against a limit; NULL: nowhere
    PRIMARY KEY (program_key, account_id, sequence)
) WITH (fillfactor = 70);

-- A charity's donations, for its statement.
CREATE INDEX entry_donation ON points.entry (program_key, account_id, occurred_time) WHERE kind = 19;

-- See 0002_planner_sample.sql.
INSERT INTO points.reward
SELECT 0, 'sample-' || i, 'sample', '{}', NULL, now(), now(), NULL FROM generate_series(1, 3000) AS i;
INSERT INTO points.reward_code
SELECT 0, 'sample-' || i, 'sample-' || i % 3, i, CASE WHEN i % 2 = 0 THEN i END, CASE WHEN i % 2 = 0 THEN 1 END
FROM generate_series(1, 3000) AS i;
INSERT INTO points.redemption SELECT 0, i, 1, 'sample', 1, NULL, NULL, NULL FROM generate_series(1, 3000) AS i;
ALTER TABLE points.reward ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE points.reward_code ALTER COLUMN program_key SET (n_distinct = 1);
ALTER TABLE points.redemption ALTER COLUMN program_key SET (n_distinct = 1);
ANALYZE points.reward, points.reward_code, points.redemption;
