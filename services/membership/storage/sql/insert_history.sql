-- Lines of a membership's history, one array a column.
INSERT INTO membership.membership_history (program_key, membership_id, sequence, transition, from_state, to_state,
                                           occurred_time, recorded_time, actor, reason)
SELECT $1, $2, unnest($3::bigint[]), unnest($4::bigint[]), unnest($5::bigint[]), unnest($6::bigint[]),
       unnest($7::timestamptz[]), unnest($8::timestamptz[]), unnest($9::text[]), unnest($10::text[])
