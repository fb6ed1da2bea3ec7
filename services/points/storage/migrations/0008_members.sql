-- Members who leave, and two that are one person.

ALTER TABLE points.member
    ADD COLUMN close_time        timestamptz,  -- NULL: a member still
    -- The account that the id stands for since it was merged into another member; NULL: its own. `account_id` stays the one
    -- that it had, with the ledger until then.
    ADD COLUMN merged_account_id bigint,
    ADD COLUMN profile_sequence  bigint NOT NULL DEFAULT 0;  -- as in points.account
CREATE INDEX member_merged ON points.member (program_key, merged_account_id) WHERE merged_account_id IS NOT NULL;

ALTER TABLE points.account
    -- The account that has everything of this one since they were merged, also if that was merged on; NULL: none.
    ADD COLUMN merged_into      bigint,
    -- The entry with which the member's row was last changed. Whoever has locked the account knows by it whether the
    -- member's row, which no one locks, was read before that.
    ADD COLUMN profile_sequence bigint NOT NULL DEFAULT 0;
CREATE INDEX account_merged ON points.account (program_key, merged_into) WHERE merged_into IS NOT NULL;

-- An entry may correct one of an account that was merged: detail has "corrected": [account, sequence] then, in place of
-- corrected_sequence.
ALTER TABLE points.entry
    DROP CONSTRAINT entry_check1,
    ADD CONSTRAINT entry_corrects CHECK (kind NOT IN (5, 6) OR corrected_sequence IS NOT NULL OR detail ? 'corrected');
CREATE INDEX entry_correction_of_merged ON points.entry
    (program_key, ((detail -> 'corrected' ->> 0)::bigint), ((detail -> 'corrected' ->> 1)::bigint))
    WHERE detail ? 'corrected';
-- What came from a merged account.
CREATE INDEX entry_merge_in ON points.entry (program_key, ((detail -> 'counterpart' ->> 0)::bigint)) WHERE kind = 25;
