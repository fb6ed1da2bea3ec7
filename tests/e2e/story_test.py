"""A customer's year through all four services, as `loyalty story` plays it, and what the services then say of it."""
import collections
import re
import unittest

import grpc_call
import suite
from grpc_call import integer, message, string

OK = 0
PURCHASE, EARN, SPEND = 1, 2, 3  # EntryKind
REWARDED, ACTIVE, PAID, RESOLVED, DELIVERED = 4, 3, 3, 5, 2  # states of referral, membership, invoice, case, delivery
COLUMN = 18  # of the page: behind the time
PURCHASE_POINTS = [42, 160, 62]  # 42.50 EUR; 80.00 and 31.20 twice
AWARDS = {"referral": 100, "membership": 200, "survey": 20, "case": 150}
SPENT = 300
ADA, BOB = 434, 150


def decode(data):
    """The fields of a protobuf message: {number: [values]}, integers and bytes."""
    fields = collections.defaultdict(list)
    while data:
        tag, data = _varint(data)
        if tag & 7 == 0:
            value, data = _varint(data)
        else:
            assert tag & 7 == 2, f"wire type {tag & 7}"
            size, data = _varint(data)
            value, data = data[:size], data[size:]
        fields[tag >> 3].append(value)
    return fields


def _varint(data):
    value = 0
    for at, byte in enumerate(data):
        value |= (byte & 0x7F) << 7 * at
        if byte < 0x80:
            return value - (1 << 64) * (value >> 63), data[at + 1:]  # negative ones have 64 bits
    raise ValueError("cut short")


def rpcs_of_the_contracts():
    found = set()
    for contract in (suite.ROOT / "proto/loyalty").rglob("*_service.proto"):
        text = contract.read_text()
        package = re.search(r"^package (.*);", text, re.MULTILINE)[1]
        service = re.search(r"^service (\w+)", text, re.MULTILINE)[1]
        found |= {f"{package}.{service}/{name}" for name in re.findall(r"^ +rpc (\w+)", text, re.MULTILINE)}
    return found


class StoryTest(suite.SuiteTest):
    def setUp(self):
        super().setUp()
        self.servers = self.whole_suite()
        self.points = self.servers["points"].address

    def addresses(self):
        return [f"--{name}-address={self.servers[name].address}" for name in ("referral", "membership", "surveys")]

    def read(self, service, method, *fields):
        """What a service answers to a call of ours."""
        answer = grpc_call.call(self.servers[service].address, f"/loyalty.{method}", message(*fields))
        self.assertEqual(answer.status, OK, f"{method}: {answer.headers}")
        return decode(answer.messages[0])

    def one(self, service, method, *fields, number=1):
        """The only message in this field of the answer."""
        [only] = self.read(service, method, *fields)[number]
        return decode(only)

    def test_the_services_agree_with_the_story(self):
        story = self.loyalty_json("story", *self.addresses(), address=self.points)
        self.assertEqual(story["program_id"], "story-1")
        self.assertEqual(story["totals"], {"ada_points": ADA, "bob_points": BOB, "issued_points": ADA + BOB + SPENT,
                                           "spent_points": SPENT, "available_points": ADA + BOB})
        program = string(1, "story-1")
        self.steps_are_whole(story["steps"])
        self.ledger_is_as_told(program)
        self.services_are_as_told(program)
        ledger = self.loyalty_json("verify", "--program", "story-1", address=self.points)
        self.assertEqual(ledger["differences"], [])
        self.assertEqual(ledger["available_points"], str(ADA + BOB))
        self.a_program_has_one_story()

    def steps_are_whole(self, steps):
        known = rpcs_of_the_contracts()
        for step in steps:
            self.assertIn(step["rpc"], known)
            self.assertTrue(step["text"] and step["response"], step)
        times = [step["time"] for step in steps]
        self.assertEqual(times, sorted(times))
        self.assertEqual((times[0], times[-1]), ("2025-01-07T09:00:00+01:00", "2026-01-25T12:00:00+01:00"))
        # All four services and the test clock have their part.
        packages = {step["rpc"].split(".")[1] for step in steps}
        self.assertEqual(packages, {"points", "referral", "membership", "surveys", "admin"})

    def ledger_is_as_told(self, program):
        for member, points in (("ada", ADA), ("bob", BOB)):
            balance = self.one("points", "points.v1.PointsService/GetBalance", program, string(2, member))
            self.assertEqual(balance[2], [points])
        entries = [decode(entry) for entry in
                   self.read("points", "points.v1.PointsService/ListEntries", program, string(2, "ada"))[1]][::-1]
        points = {kind: [entry[4][0] for entry in entries if entry[3] == [kind]] for kind in (PURCHASE, EARN, SPEND)}
        self.assertEqual(points, {PURCHASE: PURCHASE_POINTS, EARN: list(AWARDS.values()), SPEND: [-SPENT]})
        causes = [entry[17] for entry in entries if entry[3] == [EARN]]
        self.assertEqual(len({bytes(cause[0]) for cause in causes}), len(AWARDS), causes)
        self.assertEqual(entries[-1][5], [ADA])

    def services_are_as_told(self, program):
        referral = self.one("referral", "referral.v1.ReferralService/GetReferral", program, string(3, "ada"))
        self.assertEqual((referral[8], referral[6]), ([REWARDED], [b"bob"]))
        self.assertEqual([decode(referral[side][0])[3] for side in (18, 19)], [[100], [150]])

        membership = self.one("membership", "membership.v1.MembershipService/ListMemberships", program)
        self.assertEqual((membership[5], membership[11]), ([ACTIVE], [1]))
        invoices = self.read("membership", "membership.v1.BillingService/ListInvoices", program)[1]
        self.assertEqual([(invoice[5], invoice[8]) for invoice in map(decode, invoices)], [([PAID], [4900])] * 2)

        case = self.one("surveys", "surveys.v1.CaseService/ListCases", program)
        self.assertEqual((case[5], case[17]), ([RESOLVED], [150]))
        response = self.one("surveys", "surveys.v1.ResponseService/ListResponses", program, string(2, "how-was-it"))
        self.assertEqual(decode(response[8][0])[2], [4])

        for service in ("referral", "membership", "surveys"):
            deliveries = self.read(service, "events.v1.DeliveryService/ListDeliveries", program)[1]
            self.assertTrue(deliveries, service)
            self.assertEqual({decode(delivery)[14][0] for delivery in deliveries}, {DELIVERED}, service)

    def a_program_has_one_story(self):
        again = suite.loyalty("story", "--program", "story-1", *self.addresses(), address=self.points)
        self.assertEqual((again.returncode, again.stdout), (1, ""))
        self.assertIn("story-1", again.stderr)

    def test_the_page_names_the_rpc_of_every_step(self):
        done = suite.loyalty("story", *self.addresses(), address=self.points)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        page = done.stdout
        known = rpcs_of_the_contracts()
        texts, named = [], []
        for line in page.splitlines():
            rpc = re.fullmatch(rf" {{{COLUMN}}}\[(\S+)\]", line)
            if rpc:
                self.assertIn(rpc[1], known)
                self.assertTrue(texts, f"a call without words before it: {line}")
                named.append(rpc[1])
                texts = []
            elif re.match(rf"(\d{{4}}-\d\d-\d\d \d\d:\d\d  | {{{COLUMN}}})\S", line):
                texts.append(line[COLUMN:])
            else:
                self.assertFalse(texts, f"words without a call before: {line}")
        self.assertGreater(len(named), 40)
        self.assertEqual(texts, [])
        self.assertNotRegex(page, r"[{}$%]|\bnull\b|\(\)|\"\"|1970|_UNSPECIFIED")
        for words in ("earns 160 points: 80 by the rule base and 80 by the rule plus-double", "Bob 150", "434"):
            self.assertIn(words, " ".join(page.split()))

    def test_what_goes_against_the_plot_ends_it(self):
        self.servers["surveys"].kill()
        done = suite.loyalty("story", "--timeout", "2", *self.addresses(), address=self.points)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Aloyalty: loyalty\.surveys\.v1\.SurveyService/CreateSurvey: UNAVAILABLE: .*\n\Z")


if __name__ == "__main__":
    unittest.main()
