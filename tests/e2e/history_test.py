"""The same history gives the same ledger, whoever gets killed: a shop in which all commands of the points service are given
for two years, on a test clock, once in peace and then with SIGKILL in the middle, again and again, while several
commands are in flight. What was not answered is sent again, with the same request ids, until it is; then every answer,
every member and every entry are the same.

Members of a household have to do with each other (transfers, mergers, rewards of their own), those of different ones never.
One command of each household is in flight at a time, so that what comes of it does not depend on which of them is first.

LOYALTY_SEED repeats a history and the moments of the kills.
"""
import concurrent.futures
import os
import pathlib
import random
import tempfile
import threading
import time

import stubs
import suite

stubs.go_on_where_grpc_is()
_STUBS = tempfile.TemporaryDirectory(prefix="loyalty-stubs.")
stubs.make(pathlib.Path(_STUBS.name))

import grpc
from google.protobuf import symbol_database

from loyalty.admin.v1 import clock_service_pb2, clock_service_pb2_grpc
from loyalty.points.v1 import earn_rule_service_pb2, earn_rule_service_pb2_grpc
from loyalty.points.v1 import ledger_service_pb2, ledger_service_pb2_grpc
from loyalty.points.v1 import member_service_pb2, member_service_pb2_grpc
from loyalty.points.v1 import points_service_pb2, points_service_pb2_grpc
from loyalty.points.v1 import program_service_pb2, program_service_pb2_grpc
from loyalty.points.v1 import reward_service_pb2, reward_service_pb2_grpc
from retries import CHANNEL, TRY_AGAIN

SEED = int(os.environ.get("LOYALTY_SEED", random.SystemRandom().randrange(10**6)))
PROGRAM = "history"
HOUSEHOLDS = 6
ROUNDS = 75  # of one command in each household
KILLS = 12
LONGEST_DELAY_S = 0.02  # from sending to the kill: batches take some milliseconds
OPENING = 1768035600  # 10 January 2026, 9:00 UTC
HOUR, DAY = 3600, 24 * 3600

SERVICES = {
    "clock": (clock_service_pb2, clock_service_pb2_grpc.ClockServiceStub),
    "ledger": (ledger_service_pb2, ledger_service_pb2_grpc.LedgerServiceStub),
    "members": (member_service_pb2, member_service_pb2_grpc.MemberServiceStub),
    "points": (points_service_pb2, points_service_pb2_grpc.PointsServiceStub),
    "programs": (program_service_pb2, program_service_pb2_grpc.ProgramServiceStub),
    "rewards": (reward_service_pb2, reward_service_pb2_grpc.RewardServiceStub),
    "rules": (earn_rule_service_pb2, earn_rule_service_pb2_grpc.EarnRuleServiceStub),
}


class Call:
    """A call of an RPC: its service, its name and what it says."""

    def __init__(self, service, rpc, **fields):
        self.service, self.rpc = service, rpc
        for described in SERVICES[service][0].DESCRIPTOR.services_by_name.values():
            name = described.methods_by_name[rpc].input_type.full_name
        self.request = symbol_database.Default().GetSymbol(name)(**fields)


class Client:
    def __init__(self, address):
        self._channel = grpc.insecure_channel(address, CHANNEL)
        self._stubs = {name: stub(self._channel) for name, (_, stub) in SERVICES.items()}
        self.tried_again = 0  # adding is not atomic, and need not be

    def close(self):
        self._channel.close()

    def do(self, call):
        """The answer, or why it was refused; whatever it takes to get one."""
        method = getattr(self._stubs[call.service], call.rpc)
        deadline = time.monotonic() + suite.PATIENCE
        while True:
            try:
                return method(call.request, timeout=20, wait_for_ready=True)
            except grpc.RpcError as error:
                if error.code() not in TRY_AGAIN:
                    return f"{error.code().name}: {error.details()}"
                if time.monotonic() > deadline:
                    raise
                self.tried_again += 1

    def get(self, service, rpc, **fields):
        answer = self.do(Call(service, rpc, program_id=PROGRAM, **fields))
        assert not isinstance(answer, str), f"{rpc} of {fields}: {answer}"
        return answer

    def all_of(self, field, service, rpc, **fields):
        """All pages of a list."""
        token, found = "", []
        while True:
            page = self.get(service, rpc, page_token=token, page_size=1000, **fields)
            found += getattr(page, field)
            token = page.next_page_token
            if not token:
                return found


def opening():
    """The program with its rules, and each household's rewards."""
    tiers = [dict(tier_id="silver", display_name="Silver", threshold=100_00),
             dict(tier_id="gold", display_name="Gold", threshold=300_00, multiplier=dict(numerator=3, denominator=2),
                  labels=["plus"])]
    calls = [Call("programs", "CreateProgram", test_clock=True, test_clock_start_time=dict(seconds=OPENING), program=dict(
        program_id=PROGRAM, display_name="History", currency_code="EUR", time_zone="Europe/Rome",
        base_earn_rate=dict(points=1, per_major_units=1), policies=dict(
            expiry=dict(rolling_months=3), returns="RETURN_POLICY_ALLOW_NEGATIVE", spending=dict(grace_days=5),
            tiers=dict(metric="TIER_METRIC_MONEY_SPENT", period="TIER_PERIOD_ROLLING_12_MONTHS",
                       downgrade="TIER_DOWNGRADE_ONE_TIER", grace_days=10, tiers=tiers),
            transfers=dict(allowed=True, most_points_day=60, fee_percent=10), closure="CLOSURE_POLICY_FORFEIT",
            celebrations=dict(birthday_points=5, anniversary_points=7))))]
    rules = {
        "birth-month": dict(conditions=dict(birthday="BIRTHDAY_WINDOW_MONTH"), effect=dict(fixed_points=dict(points=9))),
        "confirmed": dict(conditions=dict(lines=dict(skus=["cup"])), effect=dict(points_per_item=dict(points=4)),
                          maturity=dict(kind="MATURITY_KIND_CONFIRMATION")),
        "later": dict(effect=dict(fixed_points=dict(points=3)), maturity=dict(kind="MATURITY_KIND_DAYS", days=14),
                      limits=dict(points_per_member_month=7, partial=True, budget_points=1_000_000)),
        "plus": dict(conditions=dict(member_label="plus"), effect=dict(multiplier=dict(numerator=2, denominator=1))),
        "review": dict(conditions=dict(activity_type="review"), effect=dict(fixed_points=dict(points=6)),
                       limits=dict(points_per_member_week=12)),
    }
    for name, rule in rules.items():
        calls.append(Call("rules", "CreateEarnRule", request_id=f"rule-{name}", actor="test", rule=dict(
            program_id=PROGRAM, rule_id=name, display_name=name, **rule)))
    for house in range(HOUSEHOLDS):
        rewards = {
            "mug": dict(free_product=dict(sku="mug"), tier_prices=dict(gold=4), stock=3),
            "card": dict(voucher=dict(uploaded=dict())),
            "code": dict(voucher=dict(generated=dict(prefix="C", length=8)),
                         limit=dict(most=1, window="REWARD_LIMIT_WINDOW_MONTH")),
            "gift": dict(donation=dict(charity_member_id=f"charity-{house}")),
        }
        for kind, reward in rewards.items():
            calls.append(Call("rewards", "CreateReward", request_id=f"reward-{kind}-{house}", actor="test", reward=dict(
                program_id=PROGRAM, reward_id=f"{kind}-{house}", display_name=kind, price_points=8, **reward)))
        calls.append(Call("rewards", "UploadRewardCodes", program_id=PROGRAM, request_id=f"codes-{house}", actor="test",
                          reward_id=f"card-{house}", codes=[f"A{house}", f"B{house}", f"C{house}"]))
        calls.append(Call("points", "Earn", program_id=PROGRAM, request_id=f"charity-{house}", points=1,
                          member_id=f"charity-{house}"))
    return calls


class Household:
    """What one household asks for: commands that say nothing that depends on when, or how often, they are sent."""

    def __init__(self, number, chance):
        self._number, self._random = number, chance
        self.members = [f"anna-{number}", f"bert-{number}", f"cleo-{number}"]
        self._sent = []
        self._orders, self._awards, self._spendings, self._holds, self._redemptions = [], [], [], [], []
        self._kinds = [name.removeprefix("_do_") for name in dir(self) if name.startswith("_do_")]
        self._kinds += ["buy", "buy", "buy", "earn", "redeem"]

    def next(self, now, merges=False, closes=False):
        """Sometimes what was sent before, or a question what would come of it."""
        if self._sent and self._random.random() < 0.06:
            return self._random.choice(self._sent)
        self._now, self._id = now, f"request-{self._number}-{len(self._sent)}"
        kind = "merge" if merges else "close" if closes else self._random.choice(self._kinds)
        service, rpc, fields = getattr(self, "_" + kind if merges or closes else "_do_" + kind)()
        call = Call(service, rpc, program_id=PROGRAM, request_id=self._id, **fields)
        call.request.validate_only = not merges and not closes and self._random.random() < 0.05
        self._sent.append(call)
        return call

    def _member(self):
        return self._random.choices(self.members, (5, 2, 2))[0]

    def _one_of(self, named):
        """One of the newest, with its member: (id, member)."""
        return self._random.choice(named[-4:]) if named else ("unknown", self._member())

    def _at(self, later_s=0):
        return dict(seconds=self._now + later_s)

    def _named(self, named, member):
        named.append((self._id, member))
        return dict(member_id=member)

    def _do_buy(self):
        member, order = self._member(), f"order-{self._id}"
        lines = [dict(sku="tea", quantity=self._random.randint(1, 3), amount_minor=self._random.randint(1, 40) * 135),
                 dict(sku="cup", quantity=2, amount_minor=self._random.randint(0, 9) * 100)]
        self._orders.append((order, member))
        return "points", "RecordPurchase", dict(member_id=member, purchase=dict(
            order_id=order, purchase_time=self._at(-HOUR * self._random.choice((0, 0, 1, 100))),
            total_minor=sum(line["amount_minor"] for line in lines), lines=lines))

    def _do_earn(self):
        return "points", "Earn", dict(self._named(self._awards, self._member()), points=self._random.randint(1, 30))

    def _do_review(self):
        fields = self._named(self._awards, self._member())
        return "points", "RecordActivity", dict(fields, activity=dict(
            type="review", activity_id=f"activity-{self._id}", activity_time=self._at()))

    def _do_spend(self):
        order, member = self._one_of(self._orders)
        return "points", "Spend", dict(self._named(self._spendings, member), points=self._random.randint(1, 20),
                                       order_id=order)

    def _do_adjust(self):
        return "points", "Adjust", dict(member_id=self._member(), points=self._random.choice((-7, 11)), reason="why",
                                        actor="clerk")

    def _do_return_amount(self):
        order, member = self._one_of(self._orders)
        return "points", "RecordReturn", dict(member_id=self._random.choice((member, "")), order_id=order,
                                              return_id=f"return-{self._id}",
                                              amount_minor=self._random.choice((0, 100, 333)))

    def _do_return_lines(self):
        order, _ = self._one_of(self._orders)
        return "points", "RecordReturn", dict(order_id=order, return_id=f"return-{self._id}",
                                              lines=[dict(line=self._random.randint(0, 1), quantity=1)])

    def _do_confirm(self):
        return "points", "ConfirmPurchase", dict(order_id=self._one_of(self._orders)[0])

    def _do_cancel(self):
        return "points", "CancelPurchase", dict(order_id=self._one_of(self._orders)[0])

    def _do_reverse(self):
        reversed_id, member = self._one_of(self._random.choice((self._awards, self._spendings)))
        return "points", "ReverseEntry", dict(member_id=member, reversed_request_id=reversed_id,
                                              points=self._random.choice((0, 2)))

    def _do_reserve(self):
        order, member = self._one_of(self._orders)
        return "points", "ReservePoints", dict(
            self._named(self._holds, member), points=self._random.randint(1, 15), order_id=order,
            time_to_live=dict(seconds=HOUR * self._random.choice((1, 100, 2000))))

    def _do_capture(self):
        hold, member = self._one_of(self._holds)
        self._spendings.append((self._id, member))
        return "points", "CapturePoints", dict(member_id=member, hold_request_id=hold,
                                               points=self._random.choice((0, 3)))

    def _do_release(self):
        hold, member = self._one_of(self._holds)
        return "points", "ReleasePoints", dict(member_id=member, hold_request_id=hold)

    def _do_transfer(self):
        return "points", "TransferPoints", dict(member_id=self._member(), to_member_id=self._member(),
                                                points=self._random.randint(1, 25))

    def _do_label(self):
        return "points", "SetMemberLabel", dict(member_id=self._member(), label="plus", from_time=self._at(),
                                                until_time=self._at(DAY * self._random.randint(0, 90)))

    def _do_tier(self):
        override = dict(tier_id=self._random.choice(("silver", "gold")), until_time=self._at(40 * DAY))
        return "points", "SetTier", dict(override if self._random.random() < 0.7 else {}, member_id=self._member(),
                                         reason="why", actor="clerk")

    def _do_redeem(self):
        reward = self._random.choice(("mug", "card", "code", "gift"))
        return "rewards", "RedeemReward", dict(self._named(self._redemptions, self._member()),
                                               reward_id=f"{reward}-{self._number}")

    def _do_fulfill(self):
        redemption, member = self._one_of(self._redemptions)
        return "rewards", "FulfillRedemption", dict(member_id=member, redemption_request_id=redemption)

    def _do_cancel_redemption(self):
        redemption, member = self._one_of(self._redemptions)
        return "rewards", "CancelRedemption", dict(member_id=member, redemption_request_id=redemption)

    def _do_update(self):
        profile = dict(birthday=dict(month=self._random.randint(1, 12), day=self._random.randint(1, 28)),
                       segment=self._random.choice(("vip", "")))
        return "members", "UpdateMember", dict(member_id=self._member(), profile=profile,
                                               update_mask=dict(paths=["birthday", "segment"]))

    def _do_consent(self):
        return "members", "SetConsent", dict(member_id=self._member(), channel="email", purpose="offers",
                                             granted=self._random.random() < 0.5)

    def _merge(self):
        return "members", "MergeMembers", dict(from_member_id=self.members[2], into_member_id=self.members[0],
                                               reason="one person", actor="clerk")

    def _close(self):
        return "members", "CloseMember", dict(member_id=self.members[1], reason="left", actor="clerk")


def history(seed):
    """Steps: the commands that are in flight together, or the time to which the clock is advanced."""
    chance = random.Random(seed)
    households = [Household(number, chance) for number in range(HOUSEHOLDS)]
    merger = [chance.randint(ROUNDS // 3, ROUNDS * 3 // 4) for _ in households]
    closing = [chance.randint(ROUNDS // 2, ROUNDS - 5) for _ in households]
    now, steps = OPENING, []
    for turn in range(ROUNDS):
        steps.append([household.next(now, turn == merger[i], turn == closing[i])
                      for i, household in enumerate(households)])
        if chance.random() < 0.4:
            now += HOUR * chance.choice((5, 30, 24 * 12, 24 * 50))
            steps.append([Call("clock", "AdvanceClock", program_id=PROGRAM, target_time=dict(seconds=now))])
    members = [member for household in households for member in household.members]
    return steps, members + [f"charity-{i}" for i in range(HOUSEHOLDS)]


def without_made_codes(entry):
    """Made codes are random."""
    if entry.reward_id.startswith("code-"):
        entry.code = "made"
    return entry


class HistoryTest(suite.SuiteTest):
    maxDiff = 2000

    def setUp(self):
        super().setUp()
        print(f"\nLOYALTY_SEED={SEED}", flush=True)
        self.steps, self.members = history(SEED)

    def play(self, flags=(), kills=0):
        """All answers to a history, and what the ledger says at its end."""
        database = suite.Database()
        self.addCleanup(database.drop)
        suite.migrate("points", database.url)
        server = suite.Server("points", database.url, self.folder, flags)
        server.add_flags(f"--due_addresses={server.address}")
        self.addCleanup(lambda: server.process and server.process.poll() is None and server.kill())
        client = Client(server.start().address)
        self.addCleanup(client.close)
        for call in opening():
            self.assertNotIsInstance(client.do(call), str, call.request)
        chance = random.Random(SEED + 1)
        deadly = set(chance.sample(range(len(self.steps)), kills))
        answers = []
        with concurrent.futures.ThreadPoolExecutor(HOUSEHOLDS) as lanes:
            for number, step in enumerate(self.steps):
                asked = [lanes.submit(client.do, call) for call in step]
                if number in deadly:
                    threading.Event().wait(chance.uniform(0, LONGEST_DELAY_S))  # any moment will do
                    server.kill()
                    server.start()
                answers.append([self.in_words(one.result()) for one in asked])
            state = self.state(client)
            # All that was accepted may come once more, whenever it likes, and changes nothing.
            accepted = [call for step, said in zip(self.steps, answers) for call, words in zip(step, said)
                        if call.service != "clock" and not call.request.validate_only and words.startswith("entry")]
            list(lanes.map(client.do, accepted))
        self.assertEqual(self.state(client), state)
        print(f"{len(accepted)} accepted, {client.tried_again} tried again", flush=True)
        self.assertTrue(kills == 0 or client.tried_again > 0, "nobody noticed the kills")
        return answers, state

    @staticmethod
    def in_words(answer):
        if hasattr(answer, "entry"):
            without_made_codes(answer.entry)
        # An advance that is taken up again counts what it does from there on.
        return str(answer.clock if hasattr(answer, "clock") else answer)

    def state(self, client):
        found = client.get("ledger", "VerifyLedger")
        self.assertFalse(found.differences, found)
        state = {"program": str(found)}
        for member in self.members:
            who = dict(member_id=member)
            known = client.do(Call("points", "GetMember", program_id=PROGRAM, **who))
            if isinstance(known, str):
                state[member] = known
                continue
            redemptions = client.all_of("redemptions", "rewards", "ListRedemptions", **who)
            for redemption in redemptions:
                without_made_codes(redemption)
            entries = client.all_of("entries", "points", "ListEntries", **who)
            state[member] = "\n".join(map(str, [
                known.member, client.get("points", "GetBalance", **who), client.get("members", "GetConsents", **who),
                *redemptions, *map(without_made_codes, entries)]))
        return state

    def assert_same(self, played, expected):
        for step, said, should in zip(self.steps, played[0], expected[0]):
            for call, words, expected_words in zip(step, said, should):
                self.assertEqual(words, expected_words, call.request)
        for member, words in played[1].items():
            self.assertEqual(words, expected[1][member], member)

    def test_a_history_gives_the_same_ledger_whoever_gets_killed(self):
        in_peace = self.play()
        with self.subTest("killed"):
            self.assert_same(self.play(kills=KILLS), in_peace)
        with self.subTest("killed, batches of one"):
            self.assert_same(self.play(["--batch_limit=1"], kills=KILLS), in_peace)


if __name__ == "__main__":
    suite.main()
