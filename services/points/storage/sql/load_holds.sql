-- All open holds of some accounts, with their lots as in points.entry_in_full.
SELECT hold.account_id, hold.sequence, hold.until_time, hold.points,
       (SELECT string_agg(concat_ws('|', lot_use.lot_sequence, lot_use.points, lot_use.earned_time, lot_use.expire_time,
                                    lot_use.part), ','
                          ORDER BY lot_use.expire_time, lot_use.earned_time, lot_use.lot_sequence, lot_use.part)
        FROM points.lot_use
        WHERE lot_use.program_key = $1 AND lot_use.account_id = hold.account_id AND lot_use.sequence = hold.sequence
       ) AS lot_uses
FROM points.hold
WHERE hold.program_key = $1 AND hold.account_id = ANY ($2::bigint[])
ORDER BY hold.account_id, hold.sequence
