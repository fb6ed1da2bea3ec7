-- A page of the entries of some accounts, each with those of the accounts that were merged into it, in the order in which
-- they were posted: what the state beside points follows from. With the entries that they are about: what they take back
-- from, or the deed that a donation came with; and where a redemption counts against a limit, if it stands.
SELECT entry.holder_id, entry.position, entry.account_id, entry.sequence, entry.kind, entry.points,
       entry.points + coalesce(entry.pending, 0) + coalesce(entry.held, 0) - coalesce(entry.debt, 0) AS net,
       entry.occurred_time, entry.recorded_time, entry.request_id, entry.rule_id, entry.reason, entry.awards, entry.detail,
       entry.total_minor, entry.corrected_sequence, about.occurred_time AS about_time,
       about.recorded_time AS about_recorded, about.total_minor AS about_minor,
       about.points + coalesce(about.pending, 0) + coalesce(about.held, 0) - coalesce(about.debt, 0) AS about_net,
       about.lines AS about_lines, about.awards AS about_awards, about.detail AS about_detail, redemption.limit_window,
       redemption.state = 3 AS cancelled
FROM (
    SELECT family.holder_id, entry.*,
           CASE WHEN kind = 19 THEN detail -> 'counterpart' WHEN kind IN (5, 6) THEN detail -> 'corrected' END AS elsewhere
    FROM (
        SELECT account_id AS holder_id, account_id FROM unnest($2::bigint[]) AS asked (account_id)
        UNION ALL
        SELECT merged_into, account_id FROM points.account WHERE program_key = $1 AND merged_into = ANY ($2::bigint[])
    ) AS family
    JOIN points.entry ON entry.program_key = $1 AND entry.account_id = family.account_id
    WHERE entry.kind = ANY ($3::bigint[]) AND (family.holder_id, entry.position) > ($4::bigint, $5::bigint)
    ORDER BY family.holder_id, entry.position
    LIMIT $6
) AS entry
LEFT JOIN points.entry AS about ON entry.kind IN (5, 6, 19) AND about.program_key = $1
    AND about.account_id = coalesce((entry.elsewhere ->> 0)::bigint, entry.account_id)
    AND about.sequence = coalesce((entry.elsewhere ->> 1)::bigint, entry.corrected_sequence)
LEFT JOIN points.redemption ON entry.kind = 20 AND redemption.program_key = $1
    AND redemption.account_id = entry.account_id AND redemption.sequence = entry.sequence
ORDER BY entry.holder_id, entry.position
