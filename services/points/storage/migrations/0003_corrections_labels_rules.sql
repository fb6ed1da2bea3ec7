-- What other services bring about, returns, reversals, labels and earn rules.
ALTER TABLE points.entry
    ADD COLUMN cause              text,    -- in another service: "referral:17"
    ADD COLUMN awards             jsonb,   -- [["base", 9], ["plus", 9]]: what each rule gave; NULL: only the base rate
    ADD COLUMN corrected_sequence bigint,  -- of a reversal or return: the entry of the account that it takes back from
    ADD COLUMN return_id          text COLLATE "C",
    ADD COLUMN shortfall          bigint CHECK (shortfall > 0),  -- points that it should have taken, and did not find
    ADD COLUMN label              jsonb,   -- {"label", "from", "until"}, of a label's entry; without "until": no end
    DROP CONSTRAINT entry_kind_check,
    ADD CONSTRAINT entry_kind_check CHECK (kind BETWEEN 1 AND 7),
    ADD CHECK (kind NOT IN (5, 6) OR corrected_sequence IS NOT NULL),
    ADD CHECK (kind <> 6 OR (return_id IS NOT NULL AND total_minor > 0)),  -- total_minor: what was given back
    ADD CHECK (kind <> 7 OR (label IS NOT NULL AND points = 0));
CREATE UNIQUE INDEX entry_return ON points.entry (program_key, return_id) WHERE return_id IS NOT NULL;
CREATE INDEX entry_correction ON points.entry (program_key, account_id, corrected_sequence)
    WHERE corrected_sequence IS NOT NULL;

-- An account's labels, as its entries left them: a part of its state, locked and checked with it.
ALTER TABLE points.account ADD COLUMN labels jsonb;  -- [{"label", "from", "until"}, …]; NULL: none

CREATE TABLE points.earn_rule (
    program_key  integer     NOT NULL,
    rule_id      text COLLATE "C" NOT NULL,
    display_name text        NOT NULL,
    conditions   jsonb       NOT NULL,  -- {"member_label"}; what is not given is left out
    effect       jsonb       NOT NULL,  -- {"multiplier": [numerator, denominator]}
    create_time  timestamptz NOT NULL,
    archive_time timestamptz,           -- NULL: in force
    PRIMARY KEY (program_key, rule_id)
);

-- An entry with the lots that paid it, as "sequence|points|earned time,…", and with its member.
CREATE VIEW points.entry_in_full AS
SELECT entry.*, uses.lot_uses,
       (SELECT member.member_id FROM points.member
        WHERE member.program_key = entry.program_key AND member.account_id = entry.account_id
        LIMIT 1) AS member_id
FROM points.entry
LEFT JOIN LATERAL (
    SELECT string_agg(lot_use.lot_sequence || '|' || lot_use.points || '|' || lot_use.earned_time, ','
                      ORDER BY lot_use.earned_time, lot_use.lot_sequence) AS lot_uses
    FROM points.lot_use
    WHERE lot_use.program_key = entry.program_key AND lot_use.account_id = entry.account_id
      AND lot_use.sequence = entry.sequence AND entry.points < 0
) AS uses ON true;
