-- What all services read. Run by the points service's `migrate`, for it alone writes here. IF NOT EXISTS: before it had
-- migrations of its own, this schema was part of those of points.
CREATE TABLE IF NOT EXISTS platform.program (
    program_key     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    program_id      text COLLATE "C" NOT NULL UNIQUE,
    display_name    text        NOT NULL,
    currency_code   text        NOT NULL,
    time_zone       text        NOT NULL,
    points_singular text        NOT NULL,
    points_plural   text        NOT NULL,
    rate_points     bigint      NOT NULL CHECK (rate_points >= 0),
    rate_per_units  bigint      NOT NULL CHECK (rate_per_units > 0),
    rounding_mode   smallint    NOT NULL CHECK (rounding_mode BETWEEN 1 AND 3),
    enrollment_mode smallint    NOT NULL CHECK (enrollment_mode BETWEEN 1 AND 2),
    create_time     timestamptz NOT NULL,
    update_time     timestamptz NOT NULL
);

-- The clock of a program that was made for tests: it stands still until it is advanced.
CREATE TABLE platform.test_clock (
    program_key integer     PRIMARY KEY REFERENCES platform.program,
    clock_time  timestamptz NOT NULL,
    target_time timestamptz NOT NULL,  -- later than clock_time while an advance is under way
    CHECK (target_time >= clock_time)
);
