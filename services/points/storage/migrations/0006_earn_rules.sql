-- Earn rules have versions, and more to say. What their jsonb holds is listed in earn_rule_json.cc.
ALTER TABLE points.earn_rule
    ADD COLUMN version      integer NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN maturity     jsonb,        -- {"kind", "days"}; NULL: at once
    ADD COLUMN limits       jsonb,        -- {"budget", …}; NULL: none
    ADD COLUMN rule_group   text,         -- NULL: of its own
    ADD COLUMN priority     integer NOT NULL DEFAULT 0,
    ADD COLUMN replace_time timestamptz,  -- NULL: the newest version
    DROP CONSTRAINT earn_rule_pkey,
    ADD PRIMARY KEY (program_key, rule_id, version),
    ADD CHECK (replace_time IS NULL OR archive_time IS NULL);
ALTER TABLE points.earn_rule ALTER COLUMN version DROP DEFAULT, ALTER COLUMN priority DROP DEFAULT;
-- A rule has one newest version. Batches read those of a program by it.
CREATE UNIQUE INDEX earn_rule_newest ON points.earn_rule (program_key, rule_id) WHERE replace_time IS NULL;
