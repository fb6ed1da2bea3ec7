-- The usual way to write this service: one transaction for each award, here as one function, so that it costs one round
-- trip. It does what Earn does: finds the member, locks the account, looks for the request id, and writes the same rows
-- to the same tables (one entry, one lot, one account).
-- One thing is left out, in favour of the baseline: it does not number the program's entries without gaps, since the row
-- lock that this needs would let one transaction of a program commit at a time. Its positions come from a sequence.
CREATE SCHEMA IF NOT EXISTS bench;
CREATE SEQUENCE IF NOT EXISTS bench.position INCREMENT -1 MAXVALUE -1 START -1;

CREATE OR REPLACE FUNCTION bench.earn(program integer, owner text, request text, award bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    state points.account%ROWTYPE;
    moment timestamptz := clock_timestamp();
BEGIN
    SELECT account.* INTO STRICT state
    FROM points.member
    JOIN points.account ON account.program_key = member.program_key AND account.account_id = member.account_id
    WHERE member.program_key = program AND member.member_id = owner
    FOR NO KEY UPDATE OF account;

    PERFORM FROM points.entry WHERE entry.program_key = program AND entry.request_id = request;
    IF FOUND THEN
        RETURN state.balance;
    END IF;

    INSERT INTO points.lot (program_key, account_id, earned_time, sequence, remaining)
    VALUES (program, state.account_id, moment, state.last_sequence + 1, award);
    UPDATE points.account
    SET balance = balance + award, last_sequence = last_sequence + 1, last_recorded_time = moment
    WHERE account.program_key = program AND account.account_id = state.account_id;
    INSERT INTO points.entry (program_key, position, account_id, sequence, kind, points, balance_after, occurred_time,
                              recorded_time, content, request_id, reason)
    VALUES (program, nextval('bench.position'), state.account_id, state.last_sequence + 1, 2, award,
            state.balance + award, moment, moment, md5(request)::uuid, request, 'bench');
    RETURN state.balance + award;
END
$$;
