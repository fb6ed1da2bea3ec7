-- Plans, memberships, invoices and their charges. All that belongs to a membership changes under the lock of its row;
-- only the invoice counter is shared, and is taken after it.

-- A paid plan. Never changed, but for archive_time.
CREATE TABLE membership.plan (
    program_key       integer     NOT NULL,
    plan_id           text COLLATE "C" NOT NULL,
    display_name      text        NOT NULL,
    billing_kind      smallint    NOT NULL CHECK (billing_kind BETWEEN 1 AND 3),
    billing_count     integer     NOT NULL CHECK (billing_count >= 0),
    trial_days        integer     NOT NULL CHECK (trial_days >= 0),
    retry_days        integer[]   NOT NULL,
    benefits_in_grace boolean     NOT NULL,
    after_dunning     smallint    NOT NULL CHECK (after_dunning BETWEEN 1 AND 2),
    prices            jsonb       NOT NULL,  -- [{"currency_code", "amount_minor"}, …] as they were given
    create_time       timestamptz NOT NULL,
    archive_time      timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (program_key, plan_id)
);

CREATE TABLE membership.plan_benefit (
    program_key integer  NOT NULL,
    plan_id     text COLLATE "C" NOT NULL,
    benefit_id  text COLLATE "C" NOT NULL,
    position    integer  NOT NULL,  -- in the plan's list
    kind        smallint NOT NULL CHECK (kind BETWEEN 1 AND 4),
    quota       bigint   NOT NULL,
    numerator   integer  NOT NULL,
    denominator integer  NOT NULL,
    points      bigint   NOT NULL,
    PRIMARY KEY (program_key, plan_id, benefit_id),
    FOREIGN KEY (program_key, plan_id) REFERENCES membership.plan
);

CREATE SEQUENCE membership.membership_id;

-- Times that are not known, or will not come, are 'infinity'.
CREATE TABLE membership.membership (
    program_key    integer     NOT NULL,
    membership_id  bigint      NOT NULL,
    member_id      text COLLATE "C" NOT NULL,
    plan_id        text COLLATE "C" NOT NULL,
    state          smallint    NOT NULL CHECK (state BETWEEN 1 AND 6),
    currency_code  text        NOT NULL,
    price_minor    bigint      NOT NULL CHECK (price_minor >= 0),
    payment_method text        NOT NULL,
    create_time    timestamptz NOT NULL,
    start_time     timestamptz NOT NULL,
    anchor_time    timestamptz NOT NULL,
    period_index   bigint      NOT NULL CHECK (period_index >= -1),
    period_start   timestamptz NOT NULL,
    period_end     timestamptz NOT NULL CHECK (period_end > period_start),
    trial_end      timestamptz NOT NULL,  -- '-infinity': there was no trial
    cancel_time    timestamptz NOT NULL,
    cancel_cause   smallint    NOT NULL CHECK (cancel_cause BETWEEN 0 AND 2),
    cancel_reason  text        NOT NULL,
    dunning_start  timestamptz NOT NULL,
    retries        integer     NOT NULL CHECK (retries >= 0),
    in_arrears     boolean     NOT NULL,
    end_time       timestamptz NOT NULL,
    history_count  bigint      NOT NULL,
    label_count    bigint      NOT NULL,
    next_due_time  timestamptz NOT NULL,  -- of the membership, or of one of its charges
    PRIMARY KEY (program_key, membership_id),
    FOREIGN KEY (program_key, plan_id) REFERENCES membership.plan,
    CHECK ((state = 6) = (end_time < 'infinity'))
) WITH (fillfactor = 80);
-- A member has one living membership of a plan.
CREATE UNIQUE INDEX membership_living ON membership.membership (program_key, member_id, plan_id) WHERE state <> 6;
CREATE INDEX membership_member ON membership.membership (program_key, member_id, membership_id);
CREATE INDEX membership_plan ON membership.membership (program_key, plan_id, membership_id);
CREATE INDEX membership_due ON membership.membership (program_key, next_due_time);

CREATE TABLE membership.membership_history (
    program_key   integer     NOT NULL,
    membership_id bigint      NOT NULL,
    sequence      bigint      NOT NULL,  -- 1, 2, 3, … in the membership
    transition    smallint    NOT NULL CHECK (transition BETWEEN 1 AND 12),
    from_state    smallint    NOT NULL CHECK (from_state BETWEEN 0 AND 6),  -- 0: it was not there
    to_state      smallint    NOT NULL CHECK (to_state BETWEEN 1 AND 6),
    occurred_time timestamptz NOT NULL,
    recorded_time timestamptz NOT NULL,
    actor         text        NOT NULL,
    reason        text        NOT NULL,
    PRIMARY KEY (program_key, membership_id, sequence)
);

-- The number of the program's newest invoice. Locked until the commit, so that numbers have no gaps.
CREATE TABLE membership.invoice_counter (
    program_key integer PRIMARY KEY,
    last_number bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE membership.invoice (
    program_key    integer     NOT NULL,
    invoice_number bigint      NOT NULL,
    membership_id  bigint      NOT NULL,
    member_id      text COLLATE "C" NOT NULL,
    state          smallint    NOT NULL CHECK (state BETWEEN 2 AND 5),  -- a draft is not stored
    currency_code  text        NOT NULL,
    total_minor    bigint      NOT NULL CHECK (total_minor >= 0),
    issue_time     timestamptz NOT NULL,
    paid_time      timestamptz NOT NULL,
    PRIMARY KEY (program_key, invoice_number),
    FOREIGN KEY (program_key, membership_id) REFERENCES membership.membership,
    CHECK ((state = 3) = (paid_time < 'infinity'))
) WITH (fillfactor = 80);
CREATE INDEX invoice_membership ON membership.invoice (program_key, membership_id, invoice_number);
CREATE INDEX invoice_member ON membership.invoice (program_key, member_id, invoice_number);

CREATE TABLE membership.invoice_line (
    program_key    integer     NOT NULL,
    invoice_number bigint      NOT NULL,
    line_number    integer     NOT NULL,  -- 1, 2, 3, … in the invoice
    membership_id  bigint      NOT NULL,
    period_index   bigint      NOT NULL,
    kind           smallint    NOT NULL CHECK (kind = 1),
    description    text        NOT NULL,
    amount_minor   bigint      NOT NULL,
    period_start   timestamptz NOT NULL,
    period_end     timestamptz NOT NULL,
    PRIMARY KEY (program_key, invoice_number, line_number),
    FOREIGN KEY (program_key, invoice_number) REFERENCES membership.invoice
);
-- No period is billed twice.
CREATE UNIQUE INDEX invoice_line_period ON membership.invoice_line (program_key, membership_id, period_index, kind);

-- A call of the payment provider under one idempotency key. Written before the call, with the outcome 0 (unknown).
CREATE TABLE membership.charge (
    program_key        integer     NOT NULL,
    invoice_number     bigint      NOT NULL,
    attempt            integer     NOT NULL,  -- 1, 2, 3, … in the invoice
    outcome            smallint    NOT NULL CHECK (outcome BETWEEN 0 AND 4),
    event_sequence     bigint      NOT NULL,
    event_time         timestamptz NOT NULL,
    provider_charge_id text        NOT NULL,
    decline_code       text        NOT NULL,
    given_up           boolean     NOT NULL,
    refund             smallint    NOT NULL CHECK (refund BETWEEN 0 AND 3),
    looks              integer     NOT NULL,
    create_time        timestamptz NOT NULL,
    next_due_time      timestamptz NOT NULL,  -- also counts in the membership's
    PRIMARY KEY (program_key, invoice_number, attempt),
    FOREIGN KEY (program_key, invoice_number) REFERENCES membership.invoice
) WITH (fillfactor = 80);

-- Uses of a quota in one period.
CREATE TABLE membership.benefit_use (
    program_key   integer NOT NULL,
    membership_id bigint  NOT NULL,
    benefit_id    text COLLATE "C" NOT NULL,
    period_index  bigint  NOT NULL,
    used          bigint  NOT NULL CHECK (used > 0),
    PRIMARY KEY (program_key, membership_id, benefit_id, period_index),
    FOREIGN KEY (program_key, membership_id) REFERENCES membership.membership
) WITH (fillfactor = 50);
