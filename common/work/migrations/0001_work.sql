-- What every service has in its own schema, beside its own tables: this runs with that schema as search path.

-- The number of the program's newest event. Taken last in a transaction, so that the order of positions is the order of
-- commits. IF NOT EXISTS: points made its own before there was this file.
CREATE TABLE IF NOT EXISTS event_head (
    program_key   integer PRIMARY KEY,
    last_position bigint NOT NULL
) WITH (fillfactor = 50);

-- Events that no other table holds, written in the transaction of what they tell.
CREATE TABLE outbox (
    program_key   integer     NOT NULL,
    position      bigint      NOT NULL,
    type          text        NOT NULL,  -- full name of the payload's message
    member_id     text COLLATE "C",
    cause         text,
    actor         text,
    occurred_time timestamptz NOT NULL,
    recorded_time timestamptz NOT NULL,
    payload       bytea       NOT NULL,
    PRIMARY KEY (program_key, position)
);

-- Answers by their request id, kept for 90 days of real time.
CREATE TABLE request (
    program_key integer     NOT NULL,
    request_id  text COLLATE "C" NOT NULL,
    content     uuid        NOT NULL,  -- fingerprint of what was asked
    answer      bytea       NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (program_key, request_id)
);
CREATE INDEX request_age ON request (program_key, create_time);

-- How far this service has followed the events of another, and those that it could not take.
CREATE TABLE followed (
    program_key integer NOT NULL,
    source      text    NOT NULL,  -- the other service
    position    bigint  NOT NULL,  -- of the last event that took effect here
    PRIMARY KEY (program_key, source)
);
CREATE TABLE set_aside (
    program_key integer     NOT NULL,
    source      text        NOT NULL,
    position    bigint      NOT NULL,
    event       bytea       NOT NULL,
    error       text        NOT NULL,  -- of the last attempt
    attempts    integer     NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (program_key, source, position)
);

-- Calls to the points service that are owed: written in the transaction of what causes them, made until they are answered.
CREATE TABLE delivery (
    program_key       integer     NOT NULL,
    delivery_id       bigint      GENERATED ALWAYS AS IDENTITY,
    kind              smallint    NOT NULL CHECK (kind BETWEEN 1 AND 3),   -- 1 earn, 2 label, 3 reverse
    cause             text        NOT NULL,  -- "referral:17"
    part              text        NOT NULL,  -- which of the things that the cause brings: "friend"
    member_id         text COLLATE "C" NOT NULL,
    request_id        text COLLATE "C" NOT NULL,  -- of the call; derived from program, cause, part and member
    points            bigint      NOT NULL DEFAULT 0 CHECK (points >= 0),
    label             text,
    from_time         timestamptz,
    until_time        timestamptz,
    reversed_delivery bigint,                -- of a reversal: what it takes back
    reason            text        NOT NULL,
    occurred_time     timestamptz NOT NULL,
    state             smallint    NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 4),  -- 1 pending, 2 delivered, 3 refused, 4 cancelled
    attempts          integer     NOT NULL DEFAULT 0,
    next_attempt_time timestamptz NOT NULL,  -- real time, as the next two
    create_time       timestamptz NOT NULL,
    end_time          timestamptz,
    refusal_reason    text,
    refusal_message   text,
    PRIMARY KEY (program_key, delivery_id),
    UNIQUE (program_key, cause, part, member_id)
);
CREATE INDEX delivery_due ON delivery (program_key, next_attempt_time) WHERE state = 1;
CREATE INDEX delivery_state ON delivery (program_key, state, delivery_id);
CREATE INDEX delivery_member ON delivery (program_key, member_id, delivery_id);
CREATE INDEX delivery_reversed ON delivery (program_key, reversed_delivery) WHERE reversed_delivery IS NOT NULL;
