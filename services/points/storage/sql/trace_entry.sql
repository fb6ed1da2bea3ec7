-- An entry of a member by its sequence, and what is left of the lots that it brought in.
SELECT member.account_id, entry.kind, entry.points,
       (SELECT coalesce(sum(remaining), 0) FROM points.lot
        WHERE lot.program_key = $1 AND lot.account_id = member.account_id AND lot.sequence = $3)::bigint AS open,
       (SELECT coalesce(sum(pending_lot.points), 0) FROM points.pending_lot
        WHERE pending_lot.program_key = $1 AND pending_lot.account_id = member.account_id
          AND pending_lot.sequence = $3)::bigint AS pending
FROM points.member
LEFT JOIN points.entry ON entry.program_key = $1 AND entry.account_id = member.account_id AND entry.sequence = $3
WHERE member.program_key = $1 AND member.member_id = $2
