"""A file of real purchases ends in the ledger once and exactly, whoever gets killed meanwhile."""
import json
import random
import subprocess
import unittest

import suite
from purchases import Purchases

SEED = 20010101
# Small batches: many commits to be killed at, and an import that takes long enough to be killed in.
MANY_COMMITS = ["--batch_limit=100"]
PROGRAM_KEY = "(SELECT program_key FROM platform.program WHERE program_id = 'cdnow')"


class ImportTest(suite.SuiteTest):
    def setUp(self):
        super().setUp()
        self.purchases = Purchases(self.folder)

    def start_server(self, flags=()):
        server = self.points_server(flags=flags)
        self.loyalty_json("program", "create", "cdnow", "--name", "CDNOW", "--currency", "USD", "--time-zone",
                          "America/New_York", "--earn-rate", "1/1", "--rounding", "floor", address=server.address)
        return server

    def import_command(self, server, *options):
        return suite.loyalty_command("import", "--program", "cdnow", self.purchases.csv, "--json", *options,
                                     address=server.address)

    def import_to_the_end(self, server):
        done = suite.run(self.import_command(server), timeout=240)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def start_import(self, server, *options):
        client = suite.start(self.import_command(server, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True)
        self.addCleanup(lambda: (client.poll() is None and client.kill(), client.communicate()))
        return client

    def finish(self, client, code):
        out, err = client.communicate(timeout=240)
        self.assertEqual(client.returncode, code, out + err)
        return json.loads(out)

    def entry_count(self):
        return int(self.database.value(f"SELECT count(*) FROM points.entry WHERE program_key = {PROGRAM_KEY}"))

    def wait_for_entries(self, count):
        suite.wait_until(lambda: self.entry_count() >= count, f"{count} entries", timeout=120)
        self.assertLess(self.entry_count(), self.purchases.count, "the import was over before it could be disturbed")

    def wait_until_nobody_writes(self):
        """A server that was killed may have sent a commit that PostgreSQL still works on."""
        suite.wait_until(lambda: self.database.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()") == "0",
            "the killed server's sessions end")

    def random_points(self, count):
        """Different places in the file, the same in every run."""
        return sorted(random.Random(SEED).sample(range(self.purchases.count // 20, self.purchases.count * 3 // 4), count))

    def dump(self):
        """Every table of the suite: how many rows, and a hash of all that is in them."""
        tables = self.database.rows("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                                    " WHERE schemaname IN ('points', 'platform') ORDER BY 1")
        return {table: self.database.row(f"SELECT count(*), md5(string_agg(t::text, ';' ORDER BY t::text)) FROM {table} AS t")
                for (table,) in tables}

    def assert_exactly_the_file(self, server):
        """By SQL straight on the tables, order by order, and by `loyalty verify`."""
        expected = self.purchases
        self.assertEqual(self.database.row(
            "SELECT count(*), count(DISTINCT order_id), count(DISTINCT account_id), sum(points), sum(total_minor),"
            " count(*) FILTER (WHERE total_minor = 0)"
            f" FROM points.entry WHERE program_key = {PROGRAM_KEY}"),
            [str(n) for n in (expected.count, expected.count, expected.members, expected.points, expected.cents,
                              expected.zero_rows)])
        # Each order, each member and the program itself are an event, numbered without a gap.
        events = expected.count + expected.members + 1
        self.assertEqual(self.database.row(
            "SELECT count(DISTINCT position), min(position), max(position) FROM"
            f" (SELECT position FROM points.entry WHERE program_key = {PROGRAM_KEY} UNION ALL"
            f" SELECT position FROM points.outbox WHERE program_key = {PROGRAM_KEY}) AS events"),
            [str(n) for n in (events, 1, events)])
        self.assertEqual(self.database.row(
            f"SELECT (SELECT count(*) FROM points.member WHERE program_key = {PROGRAM_KEY}), count(*), sum(balance),"
            f" (SELECT sum(remaining) FROM points.lot WHERE program_key = {PROGRAM_KEY}),"
            f" (SELECT last_position FROM points.event_head WHERE program_key = {PROGRAM_KEY})"
            f" FROM points.account WHERE program_key = {PROGRAM_KEY}"),
            [str(n) for n in (expected.members, expected.members, expected.points, expected.points, events)])
        recorded = {order: facts for order, *facts in self.database.rows(
            "SELECT order_id, member_id, to_char(occurred_time AT TIME ZONE 'UTC', 'YYYYMMDD'),"
            " lines->0->>'quantity', total_minor, points FROM points.entry JOIN points.member"
            f" USING (program_key, account_id) WHERE program_key = {PROGRAM_KEY}")}
        for order, bought in expected.by_order.items():
            facts = [bought.member, bought.date, str(bought.quantity), str(bought.cents), str(bought.points)]
            if recorded.get(order) != facts:
                self.fail(f"{order} is {recorded.get(order)}, should be {facts}")
        # Nothing but orders: every other sum is 0.
        found = self.verified(server)
        self.assertEqual(found, dict.fromkeys(found, "0") | {
            "member_count": str(expected.members), "entry_count": str(expected.count),
            "purchase_count": str(expected.count), "issued_points": str(expected.points),
            "available_points": str(expected.points), "differences": []})
        self.assertLessEqual({"spent_points", "adjusted_down_points", "expired_points", "debt_points"}, found.keys())

    def verified(self, server):
        return self.loyalty_json("verify", "--program", "cdnow", address=server.address)

    def assert_summary(self, summary, **expected):
        self.assertEqual(summary | expected, summary)

    def test_the_file_has_the_totals_that_its_readme_says(self):
        if not self.purchases.is_real:
            self.skipTest("CDNOW_master.txt is not there: the other tests use a smaller file")
        self.assertEqual((self.purchases.count, self.purchases.members, self.purchases.points, self.purchases.zero_rows),
                         (69_659, 23_570, 2_453_159, 80))

    def test_every_purchase_counts_once_and_a_second_import_changes_nothing(self):
        server = self.start_server()
        summary = self.import_to_the_end(server)
        self.assert_summary(summary, rows=self.purchases.count, accepted=self.purchases.count, replayed=0, refused=0,
                            unanswered=0, points=self.purchases.points)
        self.assert_exactly_the_file(server)

        before, verified_before = self.dump(), self.verified(server)
        summary = self.import_to_the_end(server)
        self.assert_summary(summary, rows=self.purchases.count, accepted=0, replayed=self.purchases.count, refused=0,
                            unanswered=0, points=0, replayed_points=self.purchases.points)
        self.assertEqual(self.dump(), before)
        self.assertEqual(self.verified(server), verified_before)
        self.assertFalse((self.folder / "cdnow.rejected.csv").exists())

    def test_a_killed_client_may_import_again(self):
        server = self.start_server(MANY_COMMITS)
        for share in (1 / 3, 2 / 3):
            client = self.start_import(server)
            self.wait_for_entries(self.purchases.count * share)
            client.kill()
            self.assertEqual(client.wait(), -9)
        summary = self.import_to_the_end(server)
        self.assert_summary(summary, refused=0, unanswered=0)
        self.assertGreaterEqual(summary["replayed"], self.purchases.count * 2 // 3)
        self.assert_exactly_the_file(server)

    def test_a_client_reconnects_to_a_server_that_is_killed_again_and_again(self):
        server = self.start_server(MANY_COMMITS)
        client = self.start_import(server, "--retry-for", "120")
        for point in self.random_points(4):
            self.wait_for_entries(point)
            server.kill()
            self.assertIsNone(client.poll(), "the client gave up")
            server.start()
        summary = self.finish(client, code=0)
        self.assert_summary(summary, rows=self.purchases.count, refused=0, unanswered=0)
        self.assertEqual(summary["accepted"] + summary["replayed"], self.purchases.count)
        self.assertEqual(summary["points"] + summary["replayed_points"], self.purchases.points)
        self.assert_exactly_the_file(server)

    def test_a_server_that_is_told_to_stop_ends_cleanly_in_the_middle_of_an_import(self):
        server = self.start_server([*MANY_COMMITS, "--drain=0s"])
        client = self.start_import(server, "--retry-for", "120")
        for point in self.random_points(2):
            self.wait_for_entries(point)
            code, _ = server.stop()
            self.assertEqual(code, 0, server.log())
            server.start()
        summary = self.finish(client, code=0)
        self.assertEqual(summary["accepted"] + summary["replayed"], self.purchases.count)
        self.assert_exactly_the_file(server)

    def test_after_a_killed_server_the_file_may_be_imported_again(self):
        server = self.start_server(MANY_COMMITS)
        for point in self.random_points(3):
            client = self.start_import(server, "--retry-for", "0")
            self.wait_for_entries(point)
            server.kill()
            summary = self.finish(client, code=1)
            self.assertGreater(summary["unanswered"], 0)
            self.wait_until_nobody_writes()
            # Nothing was acknowledged that is not there.
            self.assertLessEqual(summary["accepted"] + summary["replayed"], self.entry_count())
            server.start()
        there_already = self.entry_count()
        summary = self.import_to_the_end(server)
        self.assert_summary(summary, replayed=there_already, accepted=self.purchases.count - there_already, refused=0)
        self.assert_exactly_the_file(server)

    def test_two_clients_that_import_the_same_file_at_once_record_it_once(self):
        server = self.start_server()
        clients = [self.start_import(server, "--rejected", str(self.folder / f"rejected-{i}.csv")) for i in range(2)]
        summaries = [self.finish(client, code=0) for client in clients]
        self.assertEqual(sum(summary["accepted"] for summary in summaries), self.purchases.count)
        self.assertEqual(sum(summary["points"] for summary in summaries), self.purchases.points)
        self.assert_exactly_the_file(server)

    def test_an_import_survives_the_loss_of_every_database_connection(self):
        server = self.start_server(MANY_COMMITS)
        client = self.start_import(server, "--retry-for", "120")
        for point in self.random_points(5):
            self.wait_for_entries(point)
            self.database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                  " WHERE datname = current_database() AND pid <> pg_backend_pid()")
        summary = self.finish(client, code=0)
        self.assertEqual(summary["accepted"] + summary["replayed"], self.purchases.count)
        self.assert_exactly_the_file(server)


if __name__ == "__main__":
    unittest.main()
