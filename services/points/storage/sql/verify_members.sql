-- What is known of members beside points, of the accounts from $2 to $3. The newest entry that changed the member's row is
-- the one that account and row name, or before it in the same batch; who has left, or was merged, has an entry that says so.
-- The account was last active when its entries, or those of the accounts that were merged into it, say; and it is looked at
-- again before anything of it lapses or matures, or a hold ends.
WITH told AS (
    SELECT account_id,
           greatest(max(sequence) FILTER (WHERE kind IN (22, 24, 25)), min(sequence) FILTER (WHERE kind = 23)) AS changed,
           bool_or(kind = 23) AS closed, bool_or(kind = 24) AS merged,
           max(occurred_time) FILTER (WHERE kind IN (1, 2, 3, 4, 8, 10, 11, 16, 17, 19, 20)) AS active_time
    FROM points.entry
    WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
    GROUP BY account_id
),
brought AS (
    SELECT merged.merged_into AS account_id, max(entry.occurred_time) AS active_time
    FROM points.account AS merged
    JOIN points.entry ON entry.program_key = $1 AND entry.account_id = merged.account_id
    WHERE merged.program_key = $1 AND merged.merged_into BETWEEN $2 AND $3
      AND entry.kind IN (1, 2, 3, 4, 8, 10, 11, 16, 17, 19, 20)
    GROUP BY merged.merged_into
),
due AS (
    SELECT account_id, min(time) AS time
    FROM (
        SELECT account_id, expire_time AS time FROM points.lot WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
        UNION ALL
        SELECT account_id, mature_time FROM points.pending_lot WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
        UNION ALL
        SELECT account_id, until_time FROM points.hold WHERE program_key = $1 AND account_id BETWEEN $2 AND $3
    ) AS things
    GROUP BY account_id
),
account AS (
    SELECT account.account_id, account.profile_sequence, account.last_sequence, account.merged_into, account.active_time,
           account.next_due_time, member.account_id IS NOT NULL AS has_member,
           member.profile_sequence AS member_profile_sequence, member.close_time, member.merged_account_id, told.changed,
           coalesce(told.closed, false) AS told_closed, coalesce(told.merged, false) AS told_merged,
           coalesce(greatest(told.active_time, brought.active_time), '-infinity') AS told_active_time,
           due.time AS due_time
    FROM points.account
    LEFT JOIN points.member ON member.program_key = $1 AND member.account_id = account.account_id
    LEFT JOIN told ON told.account_id = account.account_id
    LEFT JOIN brought ON brought.account_id = account.account_id
    LEFT JOIN due ON due.account_id = account.account_id
    WHERE account.program_key = $1 AND account.account_id BETWEEN $2 AND $3
)
SELECT 'profile' AS invariant, account_id,
       format('the account and the member are at profile entry %s and %s of %s, its entries say %s', profile_sequence,
              member_profile_sequence, last_sequence, coalesce(changed, 0)) AS description
FROM account
WHERE has_member
  AND (profile_sequence <> member_profile_sequence OR profile_sequence < coalesce(changed, 0)
       OR profile_sequence > CASE WHEN changed IS NULL THEN 0 ELSE last_sequence END)
UNION ALL
SELECT 'member', account_id,
       format('the member is %s and %s, the account %s; the entries say %s and %s',
              CASE WHEN close_time IS NULL THEN 'open' ELSE 'closed' END,
              CASE WHEN merged_account_id IS NULL THEN 'not merged' ELSE 'merged' END,
              CASE WHEN merged_into IS NULL THEN 'not merged' ELSE 'merged' END,
              CASE WHEN told_closed THEN 'closed' ELSE 'open' END, CASE WHEN told_merged THEN 'merged' ELSE 'not merged' END)
FROM account
WHERE has_member
  AND ((close_time IS NOT NULL) <> told_closed OR (merged_into IS NOT NULL) <> told_merged
       OR merged_into IS DISTINCT FROM merged_account_id)
UNION ALL
SELECT 'activity', account_id,
       format('the account was last active at %s, its entries say %s', active_time, told_active_time)
FROM account
WHERE merged_into IS NULL AND active_time <> told_active_time
UNION ALL
SELECT 'due', account_id, format('something is due on the account at %s, it is looked at by %s', due_time, next_due_time)
FROM account
WHERE merged_into IS NULL AND next_due_time > due_time
LIMIT 100
