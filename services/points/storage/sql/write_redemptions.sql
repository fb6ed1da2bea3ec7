-- New redemptions, the new states of others, and who has their codes now: an uploaded one changes hands, one that was
-- made is new.
WITH codes AS (
    UPDATE points.reward_code
    SET account_id = given.account_id, sequence = given.sequence
    FROM unnest($9::text[], $10::bigint[], $11::bigint[]) AS given (code, account_id, sequence)
    WHERE reward_code.program_key = $1 AND reward_code.code = given.code
),
made AS (
    INSERT INTO points.reward_code (program_key, code, reward_id, number, account_id, sequence)
    SELECT $1, code, reward_id, nextval('points.reward_code_number'), account_id, sequence
    FROM unnest($12::text[], $13::text[], $14::bigint[], $15::bigint[]) AS made (code, reward_id, account_id, sequence)
)
INSERT INTO points.redemption (program_key, account_id, sequence, reward_id, state, code, code_number, limit_window)
SELECT $1, unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::text[]), unnest($5::bigint[]), unnest($6::text[]),
       unnest($7::bigint[]), unnest($8::bigint[])
ON CONFLICT (program_key, account_id, sequence) DO UPDATE SET state = excluded.state
