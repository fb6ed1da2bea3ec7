-- The sums over a program's entries; one that no bigint holds is given as the largest that it does.
SELECT (SELECT count(*) FROM points.member WHERE program_key = $1) AS members,
       count(*) FILTER (WHERE kind = 1) AS purchases,
       count(*) AS entries,
       least(coalesce(sum(points) FILTER (WHERE kind IN (1, 2)), 0), 9223372036854775807) AS issued,
       least(coalesce(-sum(points) FILTER (WHERE kind = 3), 0), 9223372036854775807) AS spent,
       least(coalesce(sum(points) FILTER (WHERE kind = 4 AND points > 0), 0), 9223372036854775807) AS adjusted_up,
       least(coalesce(-sum(points) FILTER (WHERE kind = 4 AND points < 0), 0), 9223372036854775807) AS adjusted_down,
       least(coalesce(-sum(points) FILTER (WHERE kind = 5), 0), 9223372036854775807) AS reversed,
       least(coalesce(-sum(points) FILTER (WHERE kind = 6), 0), 9223372036854775807) AS clawed_back,
       least(coalesce(sum(points), 0), 9223372036854775807) AS available
FROM points.entry
WHERE program_key = $1
