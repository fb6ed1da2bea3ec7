-- What is known of members beside points, of the accounts from $2 to $3. The newest entry that changed the member's row is
-- the one that account and row name, or before it in the same batch; who has left, or was merged, has an entry that says so.
-- The account was last active when its entries, or those of the accounts that were merged into it, say; and it is looked at
-- again before anything of it lapses or matures, or a hold ends.
SELECT 'profile' AS invariant, account.account_id,
       format('the account and the member are at profile entry %s and %s of %s, its entries say %s', account.profile_sequence,
              member.profile_sequence, account.last_sequence, coalesce(told.changed, 0)) AS description
FROM points.account
JOIN points.member ON member.program_key = $1 AND member.account_id = account.account_id
LEFT JOIN (
    SELECT account_id, greatest(max(sequence) FILTER (WHERE kind <> 23), min(sequence) FILTER (WHERE kind = 23)) AS changed
    FROM points.entry
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3 AND kind IN (22, 23, 24, 25)
    GROUP BY account_id
) AS told ON told.account_id = account.account_id
WHERE account.program_key = $1 AND account.account_id BETWEEN $2 AND $3
  AND (account.profile_sequence <> member.profile_sequence
       OR account.profile_sequence < coalesce(told.changed, 0)
       OR account.profile_sequence > CASE WHEN told.changed IS NULL THEN 0 ELSE account.last_sequence END)
UNION ALL
SELECT 'member', account.account_id,
       format('the member is %s and %s, the account %s; the entries say %s and %s',
              CASE WHEN member.close_time IS NULL THEN 'open' ELSE 'closed' END,
              CASE WHEN member.merged_account_id IS NULL THEN 'not merged' ELSE 'merged' END,
              CASE WHEN account.merged_into IS NULL THEN 'not merged' ELSE 'merged' END,
              CASE WHEN told.closed THEN 'closed' ELSE 'open' END, CASE WHEN told.merged THEN 'merged' ELSE 'not merged' END)
FROM points.account
JOIN points.member ON member.program_key = $1 AND member.account_id = account.account_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE kind = 23) > 0 AS closed, count(*) FILTER (WHERE kind = 24) > 0 AS merged
    FROM points.entry
    WHERE entry.program_key = $1 AND entry.account_id = account.account_id AND kind IN (23, 24)
) AS told
WHERE account.program_key = $1 AND account.account_id BETWEEN $2 AND $3
  AND ((member.close_time IS NOT NULL) <> told.closed OR (account.merged_into IS NOT NULL) <> told.merged
       OR account.merged_into IS DISTINCT FROM member.merged_account_id)
UNION ALL
SELECT 'activity', account.account_id,
       format('the account was last active at %s, its entries say %s', account.active_time, coalesce(told.time, '-infinity'))
FROM points.account
CROSS JOIN LATERAL (
    SELECT greatest(
        (SELECT max(occurred_time) FROM points.entry
         WHERE entry.program_key = $1 AND entry.account_id = account.account_id
           AND kind IN (1, 2, 3, 4, 8, 10, 11, 16, 17, 19, 20)),
        (SELECT max(occurred_time)
         FROM points.account AS merged
         JOIN points.entry ON entry.program_key = $1 AND entry.account_id = merged.account_id
         WHERE merged.program_key = $1 AND merged.merged_into = account.account_id
           AND kind IN (1, 2, 3, 4, 8, 10, 11, 16, 17, 19, 20))) AS time
) AS told
WHERE account.program_key = $1 AND account.account_id BETWEEN $2 AND $3 AND account.merged_into IS NULL
  AND account.active_time <> coalesce(told.time, '-infinity')
UNION ALL
SELECT 'due', account.account_id, format('something is due on the account at %s, it is looked at by %s', due.time, next_due_time)
FROM points.account
CROSS JOIN LATERAL (
    SELECT least((SELECT min(expire_time) FROM points.lot
                  WHERE lot.program_key = $1 AND lot.account_id = account.account_id),
                 (SELECT min(mature_time) FROM points.pending_lot
                  WHERE pending_lot.program_key = $1 AND pending_lot.account_id = account.account_id),
                 (SELECT min(until_time) FROM points.hold
                  WHERE hold.program_key = $1 AND hold.account_id = account.account_id)) AS time
) AS due
WHERE account.program_key = $1 AND account.account_id BETWEEN $2 AND $3 AND account.merged_into IS NULL
  AND account.next_due_time > due.time
LIMIT 100
