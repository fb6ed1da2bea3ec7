-- What this service knows of a member beside referrals: the first purchase. Whoever claims a friend or hears of a
-- purchase locks the row first, so that neither can miss the other.
CREATE TABLE referral.member (
    program_key         integer     NOT NULL,
    member_id           text COLLATE "C" NOT NULL,
    first_purchase_time timestamptz NOT NULL,  -- infinity: none is known
    PRIMARY KEY (program_key, member_id)
) WITH (fillfactor = 90);

CREATE TABLE referral.campaign (
    program_key integer     NOT NULL,
    campaign_id text COLLATE "C" NOT NULL,
    state       smallint    NOT NULL CHECK (state IN (1, 3, 4)),  -- draft, active, ended; the window is in the version
    version     bigint      NOT NULL CHECK (version > 0),         -- the one that holds
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    PRIMARY KEY (program_key, campaign_id)
);

-- A campaign's terms; never changed, never deleted. A referral keeps the version under which it was claimed.
CREATE TABLE referral.campaign_version (
    program_key             integer     NOT NULL,
    campaign_id             text COLLATE "C" NOT NULL,
    version                 bigint      NOT NULL,
    display_name            text        NOT NULL,
    trigger                 smallint    NOT NULL CHECK (trigger BETWEEN 1 AND 2),
    minimum_amount_minor    bigint      NOT NULL CHECK (minimum_amount_minor >= 0),
    start_time              timestamptz NOT NULL,
    end_time                timestamptz NOT NULL CHECK (end_time > start_time),
    attribution_days        bigint      NOT NULL CHECK (attribution_days > 0),
    hold_days               bigint      NOT NULL CHECK (hold_days >= 0),
    referrals_per_lifetime  bigint      NOT NULL CHECK (referrals_per_lifetime >= 0),  -- caps; 0: none
    referrals_per_month     bigint      NOT NULL CHECK (referrals_per_month >= 0),
    points_per_lifetime     bigint      NOT NULL CHECK (points_per_lifetime >= 0),
    existing_buyers_allowed boolean     NOT NULL,
    friend_points           bigint      NOT NULL CHECK (friend_points >= 0),
    brackets                jsonb       NOT NULL,  -- [[from_referral, points], …], rising
    milestones              jsonb       NOT NULL,  -- [[referrals, points], …], rising
    code_length             bigint      NOT NULL,
    PRIMARY KEY (program_key, campaign_id, version),
    FOREIGN KEY (program_key, campaign_id) REFERENCES referral.campaign
);

-- Lower case, so that case does not count. A member has at most one code of each kind in a campaign.
CREATE TABLE referral.code (
    program_key integer     NOT NULL,
    code        text COLLATE "C" NOT NULL CHECK (code = lower(code)),
    kind        smallint    NOT NULL CHECK (kind BETWEEN 1 AND 2),  -- generated, vanity
    campaign_id text COLLATE "C" NOT NULL,
    member_id   text COLLATE "C" NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (program_key, code),
    UNIQUE (program_key, campaign_id, member_id, kind),
    FOREIGN KEY (program_key, campaign_id) REFERENCES referral.campaign
);

-- What counts for one referrer in one campaign; locked, after the referral, by whoever changes it.
CREATE TABLE referral.referrer (
    program_key     integer NOT NULL,
    campaign_id     text COLLATE "C" NOT NULL,
    referrer_id     text COLLATE "C" NOT NULL,
    claimed         bigint  NOT NULL DEFAULT 0 CHECK (claimed >= 0),
    qualified       bigint  NOT NULL DEFAULT 0 CHECK (qualified BETWEEN 0 AND claimed),  -- the last ordinal
    rewarded        bigint  NOT NULL DEFAULT 0 CHECK (rewarded BETWEEN 0 AND qualified),
    paying          bigint  NOT NULL DEFAULT 0 CHECK (paying BETWEEN 0 AND qualified),
    promised_points bigint  NOT NULL DEFAULT 0 CHECK (promised_points >= awarded_points),
    awarded_points  bigint  NOT NULL DEFAULT 0 CHECK (awarded_points >= 0),
    paying_by_month jsonb   NOT NULL DEFAULT '{}',  -- {"2026-05": 3}, months of the program's zone
    PRIMARY KEY (program_key, campaign_id, referrer_id),
    FOREIGN KEY (program_key, campaign_id) REFERENCES referral.campaign
) WITH (fillfactor = 50);

CREATE SEQUENCE referral.referral_id;

CREATE TABLE referral.referral (
    program_key              integer     NOT NULL,
    referral_id              bigint      NOT NULL DEFAULT nextval('referral.referral_id'),
    campaign_id              text COLLATE "C" NOT NULL,
    campaign_version         bigint      NOT NULL,
    code                     text COLLATE "C" NOT NULL,
    referrer_id              text COLLATE "C" NOT NULL,
    friend_id                text COLLATE "C" NOT NULL,
    state                    smallint    NOT NULL CHECK (state BETWEEN 1 AND 7),
    due_time                 timestamptz,  -- when the claim expires or the hold ends; NULL: nothing is due
    claim_time               timestamptz NOT NULL,
    expire_time              timestamptz NOT NULL,
    sign_up_time             timestamptz,
    qualify_time             timestamptz,
    hold_until_time          timestamptz,
    reward_time              timestamptz,
    ordinal                  bigint CHECK (ordinal > 0),
    order_id                 text COLLATE "C",
    order_amount_minor       bigint      NOT NULL DEFAULT 0,
    friend_points            bigint      NOT NULL DEFAULT 0 CHECK (friend_points >= 0),
    referrer_points          bigint      NOT NULL DEFAULT 0 CHECK (referrer_points >= 0),
    cap                      smallint    NOT NULL DEFAULT 0 CHECK (cap BETWEEN 0 AND 3),
    returned_minor           bigint      NOT NULL DEFAULT 0 CHECK (returned_minor >= 0),
    returned_of_minor        bigint      NOT NULL DEFAULT 1 CHECK (returned_of_minor > 0),
    friend_awarded           bigint      NOT NULL DEFAULT 0 CHECK (friend_awarded BETWEEN 0 AND friend_points),
    referrer_awarded         bigint      NOT NULL DEFAULT 0 CHECK (referrer_awarded BETWEEN 0 AND referrer_points),
    referrer_standing_points bigint      NOT NULL DEFAULT 0
        CHECK (referrer_standing_points BETWEEN 0 AND referrer_awarded),
    transition_count         bigint      NOT NULL,
    PRIMARY KEY (program_key, referral_id),
    CONSTRAINT referral_friend UNIQUE (program_key, friend_id),
    CONSTRAINT referral_of_oneself CHECK (referrer_id <> friend_id),
    CHECK ((ordinal IS NULL) = (qualify_time IS NULL)),
    FOREIGN KEY (program_key, campaign_id, campaign_version) REFERENCES referral.campaign_version
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX referral_ordinal ON referral.referral (program_key, campaign_id, referrer_id, ordinal)
    WHERE ordinal IS NOT NULL;
CREATE UNIQUE INDEX referral_order ON referral.referral (program_key, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX referral_due ON referral.referral (program_key, due_time, referral_id) WHERE due_time IS NOT NULL;
CREATE INDEX referral_of_campaign ON referral.referral (program_key, campaign_id, referral_id);
CREATE INDEX referral_of_referrer ON referral.referral (program_key, referrer_id, referral_id);
CREATE INDEX referral_rewarded ON referral.referral (program_key, campaign_id, reward_time)
    INCLUDE (referrer_id, referrer_standing_points) WHERE state = 4;

-- The states that a referral has had; append-only.
CREATE TABLE referral.transition (
    program_key integer     NOT NULL,
    referral_id bigint      NOT NULL,
    sequence    bigint      NOT NULL,  -- 1, 2, 3, … in the referral
    state       smallint    NOT NULL CHECK (state BETWEEN 1 AND 7),
    reason      smallint    NOT NULL CHECK (reason BETWEEN 1 AND 8),
    time        timestamptz NOT NULL,
    actor       text        NOT NULL,
    PRIMARY KEY (program_key, referral_id, sequence),
    FOREIGN KEY (program_key, referral_id) REFERENCES referral.referral
);

-- Milestones that were reached; one that fell keeps its row. The index allows each to stand once.
CREATE TABLE referral.milestone (
    program_key integer     NOT NULL,
    referral_id bigint      NOT NULL,  -- with which it was reached: the cause of its award
    referrals   bigint      NOT NULL,  -- how many had to stand
    campaign_id text COLLATE "C" NOT NULL,
    referrer_id text COLLATE "C" NOT NULL,
    points      bigint      NOT NULL CHECK (points > 0),
    reach_time  timestamptz NOT NULL,
    fall_time   timestamptz,
    PRIMARY KEY (program_key, referral_id, referrals),
    FOREIGN KEY (program_key, referral_id) REFERENCES referral.referral
);
CREATE UNIQUE INDEX milestone_standing ON referral.milestone (program_key, campaign_id, referrer_id, referrals)
    WHERE fall_time IS NULL;
