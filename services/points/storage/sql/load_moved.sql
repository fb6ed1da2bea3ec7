-- What lots and holds became of accounts that were merged, or whose expiry changed, step by step, down to the account that
-- has them now: for each entry of such an account, its lots there (part not NULL), or if it held points, the entry by which
-- they are held there. A step is a merger, that spent points came back after it, or that the expiry changed.
WITH RECURSIVE moved AS (
    SELECT home.account_id AS home_id, home.sequence AS home_sequence, home.account_id, home.sequence,
           NULL::integer AS part, NULL::timestamptz AS earned_time, NULL::timestamptz AS expire_time
    FROM unnest($2::bigint[], $3::bigint[]) AS home (account_id, sequence)
    UNION ALL
    SELECT moved.home_id, moved.home_sequence, later.account_id, later.sequence, step.part, step.earned_time,
           step.expire_time
    FROM moved
    CROSS JOIN LATERAL (
        SELECT account_id, sequence, detail
        FROM points.entry
        WHERE program_key = $1 AND kind = 25 AND (detail -> 'counterpart' ->> 0)::bigint = moved.account_id
        UNION ALL
        SELECT account_id, sequence, detail
        FROM points.entry
        WHERE program_key = $1 AND kind = 14 AND detail ? 'corrected'
          AND (detail -> 'corrected' ->> 0)::bigint = moved.account_id
        UNION ALL
        SELECT account_id, sequence, detail
        FROM points.entry
        WHERE program_key = $1 AND kind = 26 AND account_id = moved.account_id
    ) AS later
    CROSS JOIN LATERAL (
        SELECT (place - 1)::integer AS part, (lot ->> 1)::timestamptz AS earned_time,
               (lot ->> 2)::timestamptz AS expire_time
        FROM jsonb_array_elements(later.detail -> 'lots') WITH ORDINALITY AS lots (lot, place)
        WHERE (lot ->> 4)::bigint = moved.sequence AND (moved.part IS NULL OR (lot ->> 5)::integer = moved.part)
        UNION ALL
        SELECT NULL, NULL, NULL
        WHERE moved.part IS NULL AND later.detail ? 'hold_until'
          AND (later.detail -> 'counterpart' ->> 1)::bigint = moved.sequence
    ) AS step
)
SELECT home_id, home_sequence, account_id, sequence, part, earned_time, expire_time
FROM moved
WHERE part IS NOT NULL OR account_id <> home_id
ORDER BY home_id, home_sequence, account_id, sequence, part
