"""`loyalty import`: a bad row is refused with its reason, goes to FILE.rejected.csv, and stops nothing."""
import csv
import json
import unittest

import suite

csv.field_size_limit(2**20)

HEADER = "order_id,member_id,time,amount,quantity,currency"
GOOD = ["good-1,ann,2024-05-31,10.00,1,", "good-2,ben,2024-05-31T17:30:00+02:00,0.00,1,USD", "good-3,ann,20240601,1234.56,3,"]

# Order id, the row, and the reason for which it is refused.
REFUSED = [
    ("no-number", "no-number,cid,20240531,ten,1,", "MALFORMED"),
    ("part-of-a-cent", "part-of-a-cent,cid,20240531,1.005,1,", "MALFORMED"),
    ("above-int64", "above-int64,cid,20240531,99999999999999999999,1,", "MALFORMED"),
    ("negative", "negative,cid,20240531,-1.00,1,", "NEGATIVE"),
    ("no-quantity", "no-quantity,cid,20240531,1.00,0,", "NOT_POSITIVE"),
    ("future", "future,cid,2199-01-01,1.00,1,", "TIME_IN_FUTURE"),
    ("long-ago", "long-ago,cid,18991231,1.00,1,", "TIME_OUT_OF_RANGE"),
    ("no-such-day", "no-such-day,cid,20240230,1.00,1,", "MALFORMED"),
    ("o" * 101, "o" * 101 + ",cid,20240531,1.00,1,", "TOO_LONG"),
    ("long-member", "long-member," + "m" * 101 + ",20240531,1.00,1,", "TOO_LONG"),
    ("no-member", "no-member,,20240531,1.00,1,", "FIELD_REQUIRED"),
    ("", ",cid,20240531,1.00,1,", "FIELD_REQUIRED"),
    ("euros", "euros,cid,20240531,1.00,1,EUR", "CURRENCY_MISMATCH"),
    ("nul", "nul,c\0d,20240531,1.00,1,", "MALFORMED"),
    ("bell\a", "bell\a,cid,20240531,1.00,1,", "MALFORMED"),
    ("two-lines", 'two-lines,"c\nd",20240531,1.00,1,', "MALFORMED"),
    ("good-1", "good-1,eve,2024-05-31,10.00,1,", "ORDER_ID_REUSED"),  # of another member
    ("good-1", "good-1,ann,2024-05-31,10.01,1,", "ORDER_ID_REUSED"),  # with other content
    ("few-columns", "few-columns,cid,20240531", "MALFORMED"),
]


class RefusedRowsTest(suite.SuiteTest):
    def setUp(self):
        super().setUp()
        self.server = self.points_server()
        self.loyalty_json("program", "create", "shop", "--name", "Shop", "--currency", "USD", "--time-zone", "UTC",
                          address=self.server.address)
        self.file = self.folder / "rows.csv"

    def import_rows(self, rows, code):
        """Imports the rows; gives the summary and the refused rows, as dictionaries."""
        lines = [row if isinstance(row, bytes) else row.encode() for row in [HEADER, *rows]]
        self.file.write_bytes(b"\n".join(lines) + b"\n")
        done = suite.loyalty("import", "--program", "shop", self.file, "--json", "--retry-for", "3",
                             address=self.server.address)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        summary = json.loads(done.stdout)
        self.assertEqual(summary["unanswered"], 0, done.stderr)
        refused_path = self.folder / "rows.rejected.csv"
        self.assertEqual(summary["rejected_file"], str(refused_path) if code else "")
        if not code:
            return summary, []
        with open(refused_path, newline="", errors="surrogateescape") as refused:
            return summary, list(csv.DictReader(refused))

    def recorded(self):
        return {order: [member, int(points)] for order, member, points in self.database.rows(
            "SELECT order_id, member_id, points FROM points.entry JOIN points.member USING (program_key, account_id)"
            " JOIN platform.program USING (program_key) ORDER BY 1")}

    def assert_only_the_good_rows(self):
        self.assertEqual(self.recorded(), {"good-1": ["ann", 10], "good-2": ["ben", 0], "good-3": ["ann", 1234]})
        # Nobody became a member by a row that was refused.
        self.assertEqual(self.database.rows("SELECT member_id FROM points.member JOIN platform.program"
                                            " USING (program_key) ORDER BY 1"), [["ann"], ["ben"]])
        ledger = self.loyalty_json("verify", "--program", "shop", address=self.server.address)
        self.assertEqual((ledger["purchase_count"], ledger["differences"]), ("3", []))

    def test_bad_rows_are_refused_with_their_reason_and_the_others_accepted(self):
        rows = [GOOD[0], *(row for _, row, _ in REFUSED[:9]), GOOD[1], *(row for _, row, _ in REFUSED[9:]), GOOD[2]]
        summary, refused = self.import_rows(rows, code=1)
        self.assertEqual((summary["rows"], summary["accepted"], summary["refused"]),
                         (len(rows), len(GOOD), len(REFUSED)))
        self.assertEqual(sorted((row["order_id"], row["reason"]) for row in refused),
                         sorted((order, reason) for order, _, reason in REFUSED))
        for row in refused:
            self.assertTrue(row["message"], row)
        self.assert_only_the_good_rows()

        again, refused_again = self.import_rows(rows, code=1)
        self.assertEqual((again["accepted"], again["replayed"], again["refused"]), (0, len(GOOD), len(REFUSED)))
        key = lambda row: (row["order_id"], row["amount"] or "")
        self.assertEqual(sorted(refused_again, key=key), sorted(refused, key=key))
        self.assert_only_the_good_rows()

    def test_refused_rows_can_be_corrected_and_imported_as_they_are(self):
        self.import_rows([*GOOD, "late,dan,20240531,ten,1,", "later,dan,2199-01-01,20.00,1,"], code=1)
        refused = self.folder / "rows.rejected.csv"
        corrected = self.folder / "corrected.csv"
        corrected.write_text(refused.read_text().replace(",ten,", ",10.00,").replace("2199-01-01", "2024-01-01"))
        summary = self.loyalty_json("import", "--program", "shop", corrected, address=self.server.address)
        self.assertEqual((summary["accepted"], summary["points"]), (2, 30))

    def test_a_row_that_is_not_utf8_is_refused_and_stops_nothing(self):
        latin1 = "café,caf\xe9,20240531,1.00,1,".encode("latin-1")
        summary, refused = self.import_rows([GOOD[0], latin1, *GOOD[1:]], code=1)
        self.assertEqual((summary["accepted"], summary["refused"]), (3, 1))
        self.assertEqual([row["reason"] for row in refused], ["MALFORMED"])
        self.assert_only_the_good_rows()

    def test_many_rows_with_huge_fields_are_refused_and_stop_nothing(self):
        """A message of 250 such rows is larger than the server takes."""
        huge = [f"huge-{i},{'m' * 20_000},20240531,1.00,1," for i in range(300)]
        summary, refused = self.import_rows([GOOD[0], *huge, *GOOD[1:]], code=1)
        self.assertEqual((summary["accepted"], summary["refused"]), (3, 300))
        self.assertEqual({row["reason"] for row in refused}, {"TOO_LONG"})
        self.assert_only_the_good_rows()

    def test_a_record_above_64_kib_and_a_quote_that_never_closes_are_refused_and_stop_nothing(self):
        rows = [GOOD[0], "big," + "m" * 200_000 + ",20240531,1.00,1,", *GOOD[1:], 'open,"quote,20240531,1.00,1,']
        summary, refused = self.import_rows(rows, code=1)
        self.assertEqual((summary["accepted"], summary["refused"]), (3, 2))
        self.assertEqual([row["reason"] for row in refused], ["MALFORMED", "MALFORMED"])
        self.assert_only_the_good_rows()

    def test_an_import_into_an_unknown_program_fails_and_records_nothing(self):
        self.file.write_text("\n".join([HEADER, *GOOD]) + "\n")
        done = suite.loyalty("import", "--program", "nowhere", self.file, "--json", address=self.server.address)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stderr)["reason"], "PROGRAM_NOT_FOUND")
        self.assertEqual(self.recorded(), {})

    def test_a_file_with_a_wrong_header_is_wrong_use(self):
        self.file.write_text("order_id,member_id,time,price,quantity\n")
        done = suite.loyalty("import", "--program", "shop", self.file, address=self.server.address)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("price", done.stderr)


if __name__ == "__main__":
    unittest.main()
