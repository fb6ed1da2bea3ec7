-- The sums over a program's entries; one that no bigint holds is given as the largest that it does.
SELECT (SELECT count(*) FROM points.member WHERE program_key = $1 AND merged_account_id IS NULL) AS members,
       count(*) FILTER (WHERE kind = 1) AS purchases,
       count(*) AS entries,
       points.total(sum(net) FILTER (WHERE kind IN (1, 2, 8, 19))) AS issued,
       points.total(-sum(net) FILTER (WHERE kind IN (3, 11, 20))) AS spent,
       points.total(sum(net) FILTER (WHERE kind = 4 AND net > 0)) AS adjusted_up,
       points.total(-sum(net) FILTER (WHERE kind = 4 AND net < 0)) AS adjusted_down,
       points.total(-sum(net) FILTER (WHERE kind = 5)) AS reversed,
       points.total(-sum(net) FILTER (WHERE kind = 6)) AS clawed_back,
       points.total(-sum(net) FILTER (WHERE kind = 13)) AS expired,
       points.total(sum(net) FILTER (WHERE kind = 14)) AS restored,
       points.total(-sum(net) FILTER (WHERE kind = 16)) AS transferred_out,
       points.total(sum(net) FILTER (WHERE kind = 17)) AS transferred_in,
       points.total(-sum(net) FILTER (WHERE kind = 18)) AS fees,
       points.total(-sum(net) FILTER (WHERE kind = 23)) AS forfeited,
       points.total(-sum(net) FILTER (WHERE kind = 24)) AS merged_out,
       points.total(sum(net) FILTER (WHERE kind = 25)) AS merged_in,
       points.total(sum(points)) AS available,
       points.total(sum(pending)) AS pending,
       points.total(sum(held)) AS held,
       points.total(sum(debt)) AS debt
FROM (
    SELECT kind, points, pending, held, debt,
           points + coalesce(pending, 0) + coalesce(held, 0) - coalesce(debt, 0) AS net
    FROM points.entry
    WHERE program_key = $1
) AS entry
