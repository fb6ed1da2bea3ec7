-- What used points for an order, or holds them for it: for its return, and for the next payment of it.
CREATE INDEX entry_used_for ON points.entry (program_key, account_id, order_id)
    WHERE kind IN (3, 10, 11) AND order_id IS NOT NULL;
DROP INDEX points.entry_spent_on;

-- The accounts of all who are one person with the owner of an account: that of who has everything, and those that were
-- merged into it. Statements take it in as part of themselves.
CREATE FUNCTION points.accounts_of_person(key integer, account bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT person.account_id
    FROM points.account AS home
    CROSS JOIN LATERAL (
        SELECT coalesce(home.merged_into, home.account_id) AS account_id
        UNION ALL
        SELECT other.account_id
        FROM points.account AS other
        WHERE other.program_key = key AND other.merged_into = coalesce(home.merged_into, home.account_id)
    ) AS person
    WHERE home.program_key = key AND home.account_id = account
$$;
