CREATE SEQUENCE points.account_id;

-- Who owns an account. The caller's name for a person stands here and nowhere else.
CREATE TABLE points.member (
    program_key integer     NOT NULL,
    member_id   text COLLATE "C" NOT NULL,
    account_id  bigint      NOT NULL,
    enroll_time timestamptz NOT NULL,
    PRIMARY KEY (program_key, member_id)
);
CREATE INDEX member_account ON points.member (program_key, account_id);

-- The state after the newest entry of each account; locked by everybody who posts to it. Half a page stays free, so
-- that updates need no index entries.
CREATE TABLE points.account (
    program_key        integer     NOT NULL,
    account_id         bigint      NOT NULL,
    balance            bigint      NOT NULL DEFAULT 0 CHECK (balance >= 0),
    last_sequence      bigint      NOT NULL DEFAULT 0,
    last_recorded_time timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (program_key, account_id)
) WITH (fillfactor = 50);

-- The ledger. Append-only: a correction is another entry. No foreign keys on this and the following tables: their rows
-- are written in one transaction under the account's lock, a trigger for each row would cost more than the row, and
-- VerifyLedger checks what a key would.
CREATE TABLE points.entry (
    program_key   integer     NOT NULL,
    account_id    bigint      NOT NULL,
    sequence      bigint      NOT NULL,  -- 1, 2, 3, … in the account
    position      bigint      NOT NULL,  -- 1, 2, 3, … in the program
    points        bigint      NOT NULL,
    balance_after bigint      NOT NULL CHECK (balance_after >= 0),
    occurred_time timestamptz NOT NULL,
    recorded_time timestamptz NOT NULL,
    content       uuid        NOT NULL,  -- fingerprint of the command
    kind          smallint    NOT NULL CHECK (kind BETWEEN 1 AND 4),
    request_id    text COLLATE "C",
    order_id      text COLLATE "C",
    rule_id       text,
    reason        text,
    actor         text,
    channel       text,
    location      text,
    -- Of a purchase only. It is no table of its own: an order is one entry, so its facts are written once.
    total_minor   bigint CHECK (total_minor >= 0),
    lines         jsonb,   -- [{"sku", "category", "quantity", "amount_minor"}, …], empty texts left out
    labels        jsonb,   -- ["gift", …]; NULL if there are none
    PRIMARY KEY (program_key, account_id, sequence),
    CHECK (kind <> 1 OR (order_id IS NOT NULL AND total_minor IS NOT NULL AND lines IS NOT NULL))
);
CREATE UNIQUE INDEX entry_order ON points.entry (program_key, order_id) WHERE kind = 1;
CREATE UNIQUE INDEX entry_request ON points.entry (program_key, request_id) WHERE request_id IS NOT NULL;
CREATE UNIQUE INDEX entry_position ON points.entry (program_key, position);

-- Points that came in and are not used up. A lot leaves when nothing remains of it; what became of it stands in
-- lot_use. The key is the order of use.
CREATE TABLE points.lot (
    program_key integer     NOT NULL,
    account_id  bigint      NOT NULL,
    earned_time timestamptz NOT NULL,
    sequence    bigint      NOT NULL,  -- of the entry that brought the points in
    remaining   bigint      NOT NULL CHECK (remaining > 0),
    PRIMARY KEY (program_key, account_id, earned_time, sequence)
) WITH (fillfactor = 90);

-- Which lot paid what.
CREATE TABLE points.lot_use (
    program_key  integer     NOT NULL,
    account_id   bigint      NOT NULL,
    sequence     bigint      NOT NULL,  -- of the entry that took the points
    lot_sequence bigint      NOT NULL,
    points       bigint      NOT NULL CHECK (points > 0),
    earned_time  timestamptz NOT NULL,  -- the lot's
    PRIMARY KEY (program_key, account_id, sequence, lot_sequence)
);
