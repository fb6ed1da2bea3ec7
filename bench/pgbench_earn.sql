\set member random(1, :members)
SELECT bench.earn(:program, 'bench-' || :member, gen_random_uuid()::text, 10);
