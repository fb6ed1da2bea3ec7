-- A page of the referrers with referrals that were rewarded in a period and stand, most first, after a count and an id.
-- Points are what stands of those referrals and of the milestones that were reached in the period.
WITH board AS (
    SELECT referrer_id, count(*) AS referrals, sum(referrer_standing_points)::bigint AS points,
           rank() OVER (ORDER BY count(*) DESC) AS place
    FROM referral.referral
    WHERE program_key = $1 AND campaign_id = $2 AND state = 4 AND reward_time >= $3::timestamptz
      AND reward_time < $4::timestamptz
    GROUP BY referrer_id
), page AS (
    SELECT *
    FROM board
    WHERE referrals < $5 OR (referrals = $5 AND referrer_id > $6)
    ORDER BY referrals DESC, referrer_id
    LIMIT $7
)
SELECT page.place, page.referrer_id, page.referrals, page.points + coalesce(milestones.points, 0) AS points
FROM page
LEFT JOIN LATERAL (
    SELECT sum(milestone.points)::bigint AS points
    FROM referral.milestone
    WHERE milestone.program_key = $1 AND milestone.campaign_id = $2 AND milestone.referrer_id = page.referrer_id
      AND milestone.fall_time IS NULL AND milestone.reach_time >= $3::timestamptz
      AND milestone.reach_time < $4::timestamptz
) AS milestones ON true
ORDER BY page.referrals DESC, page.referrer_id
