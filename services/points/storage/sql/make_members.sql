-- Members are being made in the program, until the transaction ends: who changes it waits for them (await_members).
-- Those who wait for a lock of this kind have it in turn, which those for a row have not.
SELECT pg_advisory_xact_lock_shared('points.member'::regclass::oid::integer, $1)
