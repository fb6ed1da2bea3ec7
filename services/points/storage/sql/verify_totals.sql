-- The sums over a program's entries.
SELECT (SELECT count(*) FROM points.member WHERE program_key = $1) AS members,
       count(*) FILTER (WHERE kind = 1) AS purchases,
       count(*) AS entries,
       coalesce(sum(points) FILTER (WHERE kind IN (1, 2)), 0) AS issued,
       coalesce(-sum(points) FILTER (WHERE kind = 3), 0) AS spent,
       coalesce(sum(points) FILTER (WHERE kind = 4 AND points > 0), 0) AS adjusted_up,
       coalesce(-sum(points) FILTER (WHERE kind = 4 AND points < 0), 0) AS adjusted_down,
       coalesce(sum(points), 0) AS available
FROM points.entry
WHERE program_key = $1
