-- Dated awards to many members. What was given stands in the members' entries; here is how far an award has come.
CREATE TABLE points.audience_award (
    program_key     integer     NOT NULL,
    award_id        text COLLATE "C" NOT NULL,
    content         jsonb       NOT NULL,  -- points, reason, conditions: see audience_store.cc
    award_time      timestamptz NOT NULL,
    actor           text        NOT NULL,
    state           smallint    NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 4),  -- scheduled, running, done, cancelled
    position        bigint      NOT NULL DEFAULT 0,  -- the last account_id that was reached
    awarded_members bigint      NOT NULL DEFAULT 0,
    skipped_members bigint      NOT NULL DEFAULT 0,
    create_time     timestamptz NOT NULL,
    done_time       timestamptz CHECK ((state IN (1, 2)) = (done_time IS NULL)),
    PRIMARY KEY (program_key, award_id)
) WITH (fillfactor = 50);
-- Those that are due, or will be.
CREATE INDEX audience_award_open ON points.audience_award (program_key, award_time) WHERE state IN (1, 2);
