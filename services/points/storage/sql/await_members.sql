-- Members that are being made are there now, and until the transaction ends nobody makes another (make_members).
SELECT pg_advisory_xact_lock('points.member'::regclass::oid::integer, $1)
