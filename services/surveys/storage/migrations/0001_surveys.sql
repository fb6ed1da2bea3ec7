-- Ids are unique and rise, with gaps; nothing depends on their order but the order of lists.
CREATE SEQUENCE surveys.survey_key;
CREATE SEQUENCE surveys.invitation_id;
CREATE SEQUENCE surveys.response_id;
CREATE SEQUENCE surveys.case_id;

-- Times that are not reached yet are 'infinity', in all tables.
CREATE TABLE surveys.survey (
    program_key              integer     NOT NULL,
    survey_id                text COLLATE "C" NOT NULL,  -- the caller's
    survey_key               bigint      NOT NULL DEFAULT nextval('surveys.survey_key'),
    display_name             text        NOT NULL,
    questions                jsonb       NOT NULL,  -- in order; see survey_row.cc
    completion_points        bigint      NOT NULL CHECK (completion_points >= 0),
    trigger_kind             smallint    NOT NULL CHECK (trigger_kind BETWEEN 1 AND 2),
    trigger_nth              bigint      NOT NULL,
    trigger_min_amount_minor bigint      NOT NULL,
    invitation_validity_s    bigint      NOT NULL CHECK (invitation_validity_s > 0),
    cases_for_detractors     boolean     NOT NULL,
    cases_csat_at_most       bigint      NOT NULL,
    first_reply_within_s     bigint      NOT NULL CHECK (first_reply_within_s > 0),
    make_good_limit_points   bigint      NOT NULL CHECK (make_good_limit_points >= 0),
    min_group_size           bigint      NOT NULL CHECK (min_group_size > 0),
    state                    smallint    NOT NULL CHECK (state BETWEEN 1 AND 3),
    create_time              timestamptz NOT NULL,
    publish_time             timestamptz NOT NULL,
    close_time               timestamptz NOT NULL,
    PRIMARY KEY (program_key, survey_id)
);
CREATE UNIQUE INDEX survey_by_key ON surveys.survey (program_key, survey_key);
CREATE INDEX survey_waiting_for_purchases ON surveys.survey (program_key) WHERE state = 2 AND trigger_kind = 2;

CREATE TABLE surveys.invitation (
    program_key   integer     NOT NULL,
    invitation_id bigint      NOT NULL DEFAULT nextval('surveys.invitation_id'),
    survey_key    bigint      NOT NULL,
    member_id     text COLLATE "C" NOT NULL,
    token         text COLLATE "C" NOT NULL,
    channel       text        NOT NULL,  -- '' if there is none
    segment       text        NOT NULL,  -- the same
    create_time   timestamptz NOT NULL,
    create_date   date        NOT NULL,  -- in the program's zone
    expire_time   timestamptz NOT NULL,
    state         smallint    NOT NULL CHECK (state BETWEEN 1 AND 3),
    answer_time   timestamptz NOT NULL,
    order_id      text,                  -- of the purchase that triggered it
    PRIMARY KEY (program_key, invitation_id)
);
CREATE UNIQUE INDEX invitation_token ON surveys.invitation (program_key, token);
CREATE INDEX invitation_survey ON surveys.invitation (program_key, survey_key, invitation_id);
CREATE INDEX invitation_due ON surveys.invitation (program_key, expire_time) WHERE state = 1;
-- A purchase invites a member to a survey once.
CREATE UNIQUE INDEX invitation_trigger ON surveys.invitation (program_key, survey_key, member_id)
    WHERE order_id IS NOT NULL;

-- One response for an invitation, whatever happens at the same time.
CREATE TABLE surveys.response (
    program_key   integer     NOT NULL,
    response_id   bigint      NOT NULL DEFAULT nextval('surveys.response_id'),
    survey_key    bigint      NOT NULL,
    invitation_id bigint      NOT NULL,
    member_id     text COLLATE "C" NOT NULL,
    channel       text        NOT NULL,
    segment       text        NOT NULL,
    submit_time   timestamptz NOT NULL,
    submit_date   date        NOT NULL,  -- in the program's zone
    points        bigint      NOT NULL CHECK (points >= 0),
    content       uuid        NOT NULL,  -- fingerprint of the answers
    answers       jsonb       NOT NULL,  -- all that was answered; see response_store.cc
    PRIMARY KEY (program_key, response_id)
);
CREATE UNIQUE INDEX response_invitation ON surveys.response (program_key, invitation_id);
CREATE INDEX response_survey ON surveys.response (program_key, survey_key, response_id);

-- What scores are computed from: the answers as numbers, with all that they are grouped by, so that one scan of a
-- survey's rows is enough.
CREATE TABLE surveys.answer (
    program_key integer     NOT NULL,
    survey_key  bigint      NOT NULL,
    response_id bigint      NOT NULL,
    submit_time timestamptz NOT NULL,
    submit_date date        NOT NULL,
    question    smallint    NOT NULL,  -- its place in the survey: 0, 1, …
    item        smallint    NOT NULL,  -- of CLI: 0 to 2; otherwise 0
    value       smallint    NOT NULL,  -- the score; the choice's place; 0 for a text
    channel     text        NOT NULL,
    segment     text        NOT NULL,
    PRIMARY KEY (program_key, survey_key, response_id, question, item)
);

CREATE TABLE surveys.member_case (
    program_key          integer     NOT NULL,
    case_id              bigint      NOT NULL DEFAULT nextval('surveys.case_id'),
    survey_key           bigint      NOT NULL,
    response_id          bigint      NOT NULL,
    member_id            text COLLATE "C" NOT NULL,
    state                smallint    NOT NULL CHECK (state BETWEEN 1 AND 7),
    severity             smallint    NOT NULL CHECK (severity BETWEEN 1 AND 2),
    owner                text        NOT NULL,  -- '' if there is none
    open_time            timestamptz NOT NULL,
    state_time           timestamptz NOT NULL,
    first_reply_due_time timestamptz NOT NULL,
    first_reply_time     timestamptz NOT NULL,
    escalate_time        timestamptz NOT NULL,
    resolve_time         timestamptz NOT NULL,
    close_time           timestamptz NOT NULL,
    resolution           text        NOT NULL,
    make_good_points     bigint      NOT NULL CHECK (make_good_points >= 0),
    note_count           bigint      NOT NULL,
    PRIMARY KEY (program_key, case_id)
);
CREATE UNIQUE INDEX case_response ON surveys.member_case (program_key, response_id);
-- Cases that wait for a first reply and were not escalated: few, however many cases there were.
CREATE INDEX case_due ON surveys.member_case (program_key, first_reply_due_time)
    WHERE first_reply_time = 'infinity' AND escalate_time = 'infinity' AND state NOT IN (5, 6);

CREATE TABLE surveys.case_note (
    program_key integer     NOT NULL,
    case_id     bigint      NOT NULL,
    number      bigint      NOT NULL,  -- 1, 2, 3, … in the case
    kind        smallint    NOT NULL CHECK (kind BETWEEN 1 AND 2),
    text        text        NOT NULL,
    actor       text        NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (program_key, case_id, number)
);

-- How many purchases of a member a survey has counted.
CREATE TABLE surveys.purchase_count (
    program_key integer NOT NULL,
    survey_key  bigint  NOT NULL,
    member_id   text COLLATE "C" NOT NULL,
    purchases   bigint  NOT NULL,
    PRIMARY KEY (program_key, survey_key, member_id)
) WITH (fillfactor = 50);
