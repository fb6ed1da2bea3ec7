-- What every batch writes, in one round trip: its new lots, its accounts and counters, and its entries, numbered within the
-- program. Nothing but the commit follows, so that the event head is locked for a short time.
-- The batch was decided on what the process remembered, or on what it has locked: it raises LY001, and nothing is written,
-- unless the program, all accounts and all counters still are as they were then. So it can be a transaction of its own.
-- A new policy makes accounts due and leaves their entries as they are; so what they are due by is compared, too, by the row
-- that the update waited for. The program is looked for before the wait.
-- Counters wait for the accounts, and the event head for both, which keeps the order of locks.
-- The arrays are unnested side by side in the select list, where rows are not collected before they are used.
WITH lots AS (
    INSERT INTO points.lot (program_key, account_id, earned_time, sequence, remaining, expire_time, part)
    SELECT $1, unnest($20::bigint[]), unnest($21::timestamptz[]), unnest($22::bigint[]), unnest($23::bigint[]),
           unnest($37::timestamptz[]), unnest($38::bigint[])::integer
),
pending_lots AS (
    INSERT INTO points.pending_lot (program_key, account_id, sequence, part, points, earned_time, expire_time, mature_time)
    SELECT $1, unnest($52::bigint[]), unnest($53::bigint[]), unnest($54::bigint[])::integer, unnest($55::bigint[]),
           unnest($56::timestamptz[]), unnest($57::timestamptz[]), unnest($58::timestamptz[])
),
accounts AS (
    UPDATE points.account
    SET balance = new.balance, last_sequence = new.last_sequence, last_recorded_time = new.last_recorded_time,
        labels = coalesce(new.labels::jsonb, account.labels), pending = new.pending, held = new.held, debt = new.debt,
        purchases = new.purchases, active_time = new.active_time, next_due_time = new.next_due_time,
        state = coalesce(new.state::jsonb, account.state)
    FROM (
        SELECT unnest($24::bigint[]) AS account_id, unnest($25::bigint[]) AS balance, unnest($26::bigint[]) AS last_sequence,
               unnest($27::timestamptz[]) AS last_recorded_time, unnest($28::bigint[]) AS stored_sequence,
               unnest($36::text[]) AS labels, unnest($39::bigint[]) AS pending, unnest($40::bigint[]) AS held,
               unnest($41::bigint[]) AS debt, unnest($42::bigint[]) AS purchases, unnest($43::timestamptz[]) AS active_time,
               unnest($44::timestamptz[]) AS next_due_time, unnest($45::text[]) AS state,
               unnest($62::timestamptz[]) AS stored_due_time
    ) AS new
    WHERE account.program_key = $1 AND account.account_id = new.account_id AND account.last_sequence = new.stored_sequence
      AND account.next_due_time = new.stored_due_time
    RETURNING 1
),
counters AS (
    UPDATE points.counter
    SET used = new.used
    FROM (SELECT unnest($59::text[]) AS name, unnest($60::bigint[]) AS used, unnest($61::bigint[]) AS stored) AS new
    WHERE counter.program_key = $1 AND counter.name = new.name AND counter.used = new.stored
      AND (SELECT count(*) FROM accounts) = cardinality($24::bigint[])
    RETURNING 1
),
head AS (
    UPDATE points.event_head
    SET last_position = last_position + cardinality($2::bigint[])
    WHERE program_key = $1 AND (SELECT count(*) FROM accounts) = cardinality($24::bigint[])
      AND (SELECT count(*) FROM counters) = cardinality($59::text[])
      AND EXISTS (SELECT FROM platform.program WHERE program_key = $1 AND update_time = $29::timestamptz)
      AND NOT EXISTS (
          SELECT FROM (SELECT unnest($63::text[]) AS name, unnest($64::bigint[]) AS used) AS read
          JOIN points.counter ON counter.program_key = $1 AND counter.name = read.name
          WHERE counter.used <> read.used
      )
    RETURNING last_position - cardinality($2::bigint[]) AS base
),
entries AS (
    INSERT INTO points.entry (program_key, position, account_id, sequence, kind, points, balance_after, occurred_time,
                              recorded_time, content, request_id, order_id, rule_id, reason, actor, channel, location,
                              total_minor, lines, labels, cause, awards, corrected_sequence, return_id, shortfall, label,
                              pending, held, debt, expire_time, activity_id, detail)
    SELECT $1, head.base + number, account_id, sequence, kind, points, balance_after, occurred_time, recorded_time, content,
           request_id, order_id, rule_id, reason, actor, channel, location, total_minor, lines::jsonb, labels::jsonb, cause,
           awards::jsonb, corrected_sequence, return_id, shortfall, label::jsonb, pending, held, debt, expire_time,
           activity_id, detail::jsonb
    FROM head, LATERAL (
        SELECT generate_series(1, cardinality($2::bigint[])) AS number, unnest($2::bigint[]) AS account_id,
               unnest($3::bigint[]) AS sequence, unnest($4::bigint[]) AS kind, unnest($5::bigint[]) AS points,
               unnest($6::bigint[]) AS balance_after, unnest($7::timestamptz[]) AS occurred_time,
               unnest($8::timestamptz[]) AS recorded_time, unnest($9::uuid[]) AS content,
               unnest($10::text[]) AS request_id, unnest($11::text[]) AS order_id, unnest($12::text[]) AS rule_id,
               unnest($13::text[]) AS reason, unnest($14::text[]) AS actor, unnest($15::text[]) AS channel,
               unnest($16::text[]) AS location, unnest($17::bigint[]) AS total_minor, unnest($18::text[]) AS lines,
               unnest($19::text[]) AS labels, unnest($30::text[]) AS cause, unnest($31::text[]) AS awards,
               unnest($32::bigint[]) AS corrected_sequence, unnest($33::text[]) AS return_id,
               unnest($34::bigint[]) AS shortfall, unnest($35::text[]) AS label, unnest($46::bigint[]) AS pending,
               unnest($47::bigint[]) AS held, unnest($48::bigint[]) AS debt, unnest($49::timestamptz[]) AS expire_time,
               unnest($50::text[]) AS activity_id, unnest($51::text[]) AS detail
    ) AS new
    RETURNING 1
)
SELECT points.check_posted((SELECT count(*) FROM entries) = cardinality($2::bigint[])
                           AND (SELECT count(*) FROM head) = 1)
