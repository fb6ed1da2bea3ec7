"""Three years of a shop's purchases on a test clock: what was issued, what lapsed, what is left and who is in which tier
are, at every month's end, what a script computes straight from the file (../points/cdnow_months.py).

LOYALTY_CDNOW_EVERY=10 takes only every tenth customer, for a quick look.
"""
import collections
import datetime as dt
import decimal
import json
import os
import pathlib
import sys
import tempfile
import time
import zoneinfo

import stubs
import suite
from purchases import Purchases

stubs.go_on_where_grpc_is()
_STUBS = tempfile.TemporaryDirectory(prefix="loyalty-stubs.")
stubs.make(pathlib.Path(_STUBS.name))

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from loyalty.admin.v1 import clock_service_pb2, clock_service_pb2_grpc
from loyalty.events.v1 import event_service_pb2, event_service_pb2_grpc
from loyalty.points.v1 import earn_rule_service_pb2, earn_rule_service_pb2_grpc
from loyalty.points.v1 import entry_pb2, event_pb2
from loyalty.points.v1 import ledger_service_pb2, ledger_service_pb2_grpc
from loyalty.points.v1 import points_service_pb2, points_service_pb2_grpc
from loyalty.points.v1 import program_service_pb2, program_service_pb2_grpc

Order = collections.namedtuple("Order", "customer cents")
SCRIPT = suite.ROOT / "tests/points/cdnow_months.py"
EVERY = int(os.environ.get("LOYALTY_CDNOW_EVERY", "1"))
PROGRAM = "cdnow"
NO_TIER = "none"
ROWS_IN_A_MESSAGE = 500
MOST_SECONDS = 300  # for one call: the midnight on which a month's points lapse has thousands of members

# The file has days only. Where the shop is, they end at another time than in UTC, and each purchase is made when it is
# the next day there already: what counts days, months or years in UTC is wrong at every month's end.
ZONE = zoneinfo.ZoneInfo("America/New_York")
SHOPPING_TIME = dt.time(23, 30)
LAST_SECOND = dt.time(23, 59, 59)


def local(day, moment=dt.time()):
    timestamp = Timestamp()
    timestamp.FromDatetime(dt.datetime.combine(day, moment, ZONE))
    return timestamp


def last_day_of(month):
    """Of "1997-01"; and the day after it."""
    next_month = (dt.date.fromisoformat(month + "-01") + dt.timedelta(31)).replace(day=1)
    return next_month - dt.timedelta(1), next_month


class Client:
    def __init__(self, address):
        self._channel = grpc.insecure_channel(address)
        self.programs = program_service_pb2_grpc.ProgramServiceStub(self._channel)
        self.rules = earn_rule_service_pb2_grpc.EarnRuleServiceStub(self._channel)
        self.points = points_service_pb2_grpc.PointsServiceStub(self._channel)
        self.ledger = ledger_service_pb2_grpc.LedgerServiceStub(self._channel)
        self.clock = clock_service_pb2_grpc.ClockServiceStub(self._channel)
        self.events = event_service_pb2_grpc.EventServiceStub(self._channel)

    def close(self):
        self._channel.close()

    def create_program(self):
        self.programs.CreateProgram(program_service_pb2.CreateProgramRequest(
            program=dict(
                program_id=PROGRAM, display_name="CDNOW", currency_code="USD", time_zone=ZONE.key,
                base_earn_rate=dict(points=0, per_major_units=1), rounding_mode="ROUNDING_MODE_FLOOR",
                policies=dict(
                    expiry=dict(rolling_months=12, round_up="EXPIRY_ROUND_UP_MONTH_END"),
                    tiers=dict(metric="TIER_METRIC_MONEY_SPENT", period="TIER_PERIOD_CALENDAR_YEAR",
                               downgrade="TIER_DOWNGRADE_TO_EARNED",
                               tiers=[dict(tier_id="bronze", display_name="Bronze", threshold=100_00),
                                      dict(tier_id="silver", display_name="Silver", threshold=250_00),
                                      dict(tier_id="gold", display_name="Gold", threshold=500_00)]))),
            test_clock=True, test_clock_start_time=local(dt.date(1997, 1, 1))), timeout=MOST_SECONDS)
        self.rules.CreateEarnRule(earn_rule_service_pb2.CreateEarnRuleRequest(
            request_id="rule", actor="test", rule=dict(
                program_id=PROGRAM, rule_id="double", display_name="2 points a dollar from 30 dollars",
                conditions=dict(minimum_order_minor=30_00),
                effect=dict(points_per_unit=dict(points=2, per_major_units=1)))), timeout=MOST_SECONDS)

    def advance_to(self, timestamp):
        self.clock.AdvanceClock(clock_service_pb2.AdvanceClockRequest(program_id=PROGRAM, target_time=timestamp),
                                timeout=MOST_SECONDS)

    def import_day(self, day, orders):
        """The day's orders, (order id, order) each; what is not recorded of them, which should be nothing."""
        sold = local(day, SHOPPING_TIME)
        rows = [points_service_pb2.ImportPurchasesRequest.Row(member_id=bought.customer, purchase=dict(
                    order_id=order, purchase_time=sold, total_minor=bought.cents)) for order, bought in orders]
        requests = [points_service_pb2.ImportPurchasesRequest(program_id=PROGRAM, rows=rows[i:i + ROWS_IN_A_MESSAGE])
                    for i in range(0, len(rows), ROWS_IN_A_MESSAGE)]
        left = {order for order, _ in orders}
        wrong = []
        for answer in self.points.ImportPurchases(iter(requests), timeout=MOST_SECONDS):
            for result in answer.results:
                if result.WhichOneof("outcome") != "recorded" or result.recorded.replayed or result.order_id not in left:
                    wrong.append(str(result))
                left.discard(result.order_id)
        return wrong + sorted(left)

    def verify(self):
        return self.ledger.VerifyLedger(ledger_service_pb2.VerifyLedgerRequest(program_id=PROGRAM),
                                        timeout=MOST_SECONDS)


class TierFollower:
    """Who is in which tier, by the changes that stand in the ledger and nothing else."""

    def __init__(self, client):
        self._client = client
        self._position = 0
        self._tier_of = {}

    def counts(self, members):
        self._follow()
        counts = collections.Counter(self._tier_of.values())
        counts[NO_TIER] = members - len(self._tier_of)
        return counts

    def _follow(self):
        while True:
            page = self._client.events.ListEvents(event_service_pb2.ListEventsRequest(
                program_id=PROGRAM, after_position=self._position, page_size=1000,
                types=["loyalty.points.v1.EntryPosted"]), timeout=MOST_SECONDS)
            for event in page.events:
                self._apply(event)
            self._position = page.position
            if page.position >= page.head_position:
                return

    def _apply(self, event):
        posted = event_pb2.EntryPosted()
        assert event.payload.Unpack(posted), event
        if posted.entry.kind != entry_pb2.ENTRY_KIND_TIER:
            return
        change = posted.entry.tier_change
        before = self._tier_of.pop(event.member_id, "")
        assert change.from_tier_id == before, f"{event.member_id} was in {before or NO_TIER}: {posted}"
        if change.to_tier_id:
            self._tier_of[event.member_id] = change.to_tier_id


# The real file has four orders of exactly 30 dollars, one year of exactly 100, and none of 250 or 500. Here are all of them,
# and a cent less, on the first and last days of months and years.
EDGES = """
 00001 19970101  1   30.00
 00002 19970131  1   29.99
 00003 19970131  1   30.50
 00004 19970201  2   99.99
 00005 19970228  2  100.00
 00006 19971231  3  249.99
 00007 19971231  3  250.00
 00008 19971231  4  499.99
 00009 19971231  4  500.00
 00010 19971231  1   50.00
 00010 19980101  1   50.00
 00004 19971231  1    0.01
 00009 19980101  1  100.00
 00005 19980630  2   99.99
 00008 19981231  1    0.01
 00011 19980630  1    0.00
"""


class CdnowTest(suite.SuiteTest):
    def set_up(self, lines):
        """A server, and a shop to which these lines come: orders by day, (order id, order) each."""
        self.file = self.folder / "chosen.txt"
        self.file.write_text("".join(line + "\r\n" for line in lines), newline="")
        self.orders = collections.defaultdict(list)
        for number, line in enumerate(lines, 1):
            customer, date, _, dollars = line.split()
            self.orders[dt.datetime.strptime(date, "%Y%m%d").date()].append(
                (f"cdnow-{number}", Order(customer, int(decimal.Decimal(dollars) * 100))))
        suite.migrate("points", self.database.url)
        server = self.server("points")
        server.add_flags(f"--due_addresses={server.address}")
        self.client = Client(server.start().address)
        self.addCleanup(self.client.close)
        self.tiers = TierFollower(self.client)

    def months_of_the_script(self):
        for arguments in (["--check"], [self.file, "--json"]):
            done = suite.run([sys.executable, "-B", SCRIPT, *arguments], timeout=3 * suite.PATIENCE)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def assert_figures(self, when, **expected):
        verified = self.client.verify()
        self.assertEqual(list(verified.differences), [], when)
        tiers = self.tiers.counts(verified.member_count)
        found = dict(members=verified.member_count, issued=verified.issued_points, expired=verified.expired_points,
                     outstanding=verified.available_points, tiers={tier: tiers[tier] for tier in expected["tiers"]})
        self.assertEqual(found, expected, when)
        self.assertLessEqual(set(tiers), set(expected["tiers"]), when)

    def buy_all_of(self, month):
        for day in sorted(day for day in self.orders if f"{day:%Y-%m}" == month):
            self.client.advance_to(local(day, SHOPPING_TIME))
            self.assertEqual(self.client.import_day(day, self.orders.pop(day)), [], day)

    def test_every_month_is_what_the_script_computes(self):
        purchases = Purchases(self.folder)
        lines = (self.folder / "CDNOW_master.txt").read_text().splitlines()
        chosen = set(sorted({line.split()[0] for line in lines})[::EVERY])
        lines = [line for line in lines if line.split()[0] in chosen]
        print(f"\n{len(lines)} orders of {len(chosen)} customers, "
              f"{'the real file' if purchases.is_real else 'a generated file'}", flush=True)
        self.set_up(lines)
        self.assert_three_years()

    def test_amounts_and_days_on_the_edge(self):
        self.set_up(EDGES.strip("\n").splitlines())
        self.assert_three_years()

    def assert_three_years(self):
        months = self.months_of_the_script()
        self.assertEqual((months[0]["month"], months[-1]["month"], len(months)), ("1997-01", "1999-12", 36))
        self.client.create_program()
        issued = expired = outstanding = 0
        begin = time.monotonic()
        for month in months:
            self.buy_all_of(month["month"])
            last_day, next_day = last_day_of(month["month"])
            issued, outstanding = issued + month["issued"], outstanding + month["issued"]
            # Points can be used, and a tier is kept, to the last second of the month …
            self.client.advance_to(local(last_day, LAST_SECOND))
            self.assert_figures(f"{month['month']}, at its last second", members=month["members"], issued=issued,
                                expired=expired, outstanding=outstanding, tiers=month["tiers"])
            # … and are gone at the midnight that ends it.
            expired, outstanding = expired + month["expired"], month["outstanding"]
            self.client.advance_to(local(next_day))
            self.assert_figures(f"{month['month']}, at the midnight that ends it", members=month["members"],
                                issued=issued, expired=expired, outstanding=outstanding, tiers=month["tiers_after"])
            print(f"{time.monotonic() - begin:5.1f} s  {month['month']}  issued {issued}, expired {expired}, "
                  f"outstanding {outstanding}", flush=True)
        self.assertEqual(self.orders, {}, "not bought")


if __name__ == "__main__":
    suite.main()
