"""The rules for tables (DESIGN §4), checked in PostgreSQL's catalogue after the migrations of all four services."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import suite  # noqa: E402

# Of the services' schemas, and without the list of migrations, which belongs to no program.
TABLES = """
    SELECT pg_class.oid, nspname || '.' || relname AS name FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND nspname IN ('points', 'referral', 'membership', 'surveys')
      AND relname NOT LIKE 'schema\_migration%'"""


class SchemaTest(suite.SuiteTest):
    def setUp(self):
        super().setUp()
        for service in suite.SERVICES:
            suite.migrate(service, self.database.url)

    def assert_no_rows(self, sql):
        self.assertEqual(self.database.rows(sql), [])

    def test_there_is_something_to_check(self):
        self.assertGreater(int(self.database.value(f"SELECT count(*) FROM ({TABLES}) AS tables")), 4)

    def test_every_table_has_a_primary_key(self):
        self.assert_no_rows(f"SELECT name FROM ({TABLES}) AS tables WHERE NOT EXISTS"
                            " (SELECT FROM pg_index WHERE indrelid = oid AND indisprimary)")

    def test_program_key_comes_first_in_every_index(self):
        self.assert_no_rows(
            f"SELECT name, indexrelid::regclass FROM ({TABLES}) AS tables JOIN pg_index ON indrelid = tables.oid"
            " LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]"
            " WHERE attname IS DISTINCT FROM 'program_key'")

    def test_program_key_comes_first_in_every_foreign_key(self):
        self.assert_no_rows(
            f"SELECT name, conname FROM ({TABLES}) AS tables JOIN pg_constraint ON conrelid = tables.oid AND contype = 'f'"
            " JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE attname <> 'program_key'")

    def test_no_foreign_key_leads_into_another_services_schema(self):
        self.assert_no_rows(
            "SELECT conname FROM pg_constraint JOIN pg_class AS a ON a.oid = conrelid JOIN pg_class AS b ON b.oid = confrelid"
            " WHERE contype = 'f' AND a.relnamespace <> b.relnamespace"
            " AND b.relnamespace::regnamespace::text <> 'platform'")

    def test_no_column_is_a_floating_point_number_or_a_time_without_zone(self):
        self.assert_no_rows(
            f"SELECT name, attname FROM ({TABLES}) AS tables JOIN pg_attribute ON attrelid = tables.oid"
            " WHERE attnum > 0 AND atttypid IN ('real'::regtype, 'double precision'::regtype, 'money'::regtype,"
            " 'timestamp'::regtype)")

    def test_only_the_member_table_holds_member_ids(self):
        """Of points, but for the tables that every service's schema has: events name their member (MemberEnrolled is a row of
        points.outbox), and so do deliveries, of which points has none. The ledger's own tables know accounts only."""
        common = "('points.outbox', 'points.delivery')"
        self.assertEqual(self.database.rows(
            f"SELECT name FROM ({TABLES}) AS tables JOIN pg_attribute ON attrelid = tables.oid"
            f" WHERE attname = 'member_id' AND name LIKE 'points.%' AND name NOT IN {common}"), [["points.member"]])


if __name__ == "__main__":
    unittest.main()
