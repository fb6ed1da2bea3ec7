"""The commands of a history: what households and the head office of a shop ask for in two years, on a test clock.

Members of a household have to do with each other (transfers, mergers, rewards of their own), those of different ones never.
One command of each household is in flight at a time, so that what comes of it does not depend on which of them is first.
The head office changes what holds for all of them when no household asks for anything.

stubs.make goes first.
"""
import random

from google.protobuf import symbol_database

from loyalty.admin.v1 import clock_service_pb2, clock_service_pb2_grpc
from loyalty.points.v1 import audience_service_pb2, audience_service_pb2_grpc
from loyalty.points.v1 import earn_rule_service_pb2, earn_rule_service_pb2_grpc
from loyalty.points.v1 import ledger_service_pb2, ledger_service_pb2_grpc
from loyalty.points.v1 import member_service_pb2, member_service_pb2_grpc
from loyalty.points.v1 import points_service_pb2, points_service_pb2_grpc
from loyalty.points.v1 import program_service_pb2, program_service_pb2_grpc
from loyalty.points.v1 import reward_service_pb2, reward_service_pb2_grpc

PROGRAM = "history"
HOUSEHOLDS = 12  # more than are in a batch of seven
ROUNDS = 75  # of one command in each household
ROUNDS_BETWEEN_CHANGES = 8
OPENING = 1768035600  # 10 January 2026, 9:00 UTC
HOUR, DAY = 3600, 24 * 3600

SERVICES = {
    "audiences": (audience_service_pb2, audience_service_pb2_grpc.AudienceServiceStub),
    "clock": (clock_service_pb2, clock_service_pb2_grpc.ClockServiceStub),
    "ledger": (ledger_service_pb2, ledger_service_pb2_grpc.LedgerServiceStub),
    "members": (member_service_pb2, member_service_pb2_grpc.MemberServiceStub),
    "points": (points_service_pb2, points_service_pb2_grpc.PointsServiceStub),
    "programs": (program_service_pb2, program_service_pb2_grpc.ProgramServiceStub),
    "rewards": (reward_service_pb2, reward_service_pb2_grpc.RewardServiceStub),
    "rules": (earn_rule_service_pb2, earn_rule_service_pb2_grpc.EarnRuleServiceStub),
}

RULES = {
    "birth-month": dict(conditions=dict(birthday="BIRTHDAY_WINDOW_MONTH"), effect=dict(fixed_points=dict(points=9))),
    "confirmed": dict(conditions=dict(lines=dict(skus=["cup"])), effect=dict(points_per_item=dict(points=4)),
                      maturity=dict(kind="MATURITY_KIND_CONFIRMATION")),
    "later": dict(effect=dict(fixed_points=dict(points=3)), maturity=dict(kind="MATURITY_KIND_DAYS", days=14),
                  limits=dict(points_per_member_month=7, partial=True, budget_points=1_000_000)),
    "plus": dict(conditions=dict(member_label="plus"), effect=dict(multiplier=dict(numerator=2, denominator=1))),
    "review": dict(conditions=dict(activity_type="review"), effect=dict(fixed_points=dict(points=6)),
                   limits=dict(points_per_member_week=12)),
}


class Call:
    """A call of an RPC: its service, its name and what it says."""

    def __init__(self, service, rpc, **fields):
        self.service, self.rpc = service, rpc
        for described in SERVICES[service][0].DESCRIPTOR.services_by_name.values():
            name = described.methods_by_name[rpc].input_type.full_name
        self.request = symbol_database.Default().GetSymbol(name)(**fields)


def tiers(silver, gold):
    """The policy with two tiers from so many cents on."""
    return dict(metric="TIER_METRIC_MONEY_SPENT", period="TIER_PERIOD_ROLLING_12_MONTHS",
                downgrade="TIER_DOWNGRADE_ONE_TIER", grace_days=10, tiers=[
                    dict(tier_id="silver", display_name="Silver", threshold=silver),
                    dict(tier_id="gold", display_name="Gold", threshold=gold, labels=["plus"],
                         multiplier=dict(numerator=3, denominator=2))])


def opening():
    """The program with its rules, and each household's rewards."""
    calls = [Call("programs", "CreateProgram", test_clock=True, test_clock_start_time=dict(seconds=OPENING), program=dict(
        program_id=PROGRAM, display_name="History", currency_code="EUR", time_zone="Europe/Rome",
        base_earn_rate=dict(points=1, per_major_units=1), policies=dict(
            expiry=dict(rolling_months=3), returns="RETURN_POLICY_ALLOW_NEGATIVE", spending=dict(grace_days=5),
            tiers=tiers(silver=100_00, gold=300_00), transfers=dict(allowed=True, most_points_day=60, fee_percent=10),
            closure="CLOSURE_POLICY_FORFEIT", celebrations=dict(birthday_points=5, anniversary_points=7))))]
    for name, rule in RULES.items():
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


SOON_AFTER = {"reserve": ("capture", "release"), "redeem": ("fulfill", "cancel_redemption")}  # or they would lapse


class Household:
    """What one household asks for: commands that say nothing that depends on when, or how often, they are sent."""

    def __init__(self, number, chance):
        self._number, self._random = number, chance
        self.members = [f"anna-{number}", f"bert-{number}", f"cleo-{number}"]
        self._sent, self._kind = [], ""
        self._orders, self._awards, self._spendings, self._holds, self._redemptions = [], [], [], [], []
        self._kinds = [name.removeprefix("_do_") for name in dir(self) if name.startswith("_do_")]
        self._kinds += ["buy", "buy", "buy", "earn", "earn", "redeem", "reserve", "transfer"]

    def next(self, now, merges=False, closes=False):
        """Sometimes what was sent before, or a question what would come of it."""
        if self._sent and self._random.random() < 0.06:
            return self._random.choice(self._sent)
        self._now, self._id = now, f"request-{self._number}-{len(self._sent)}"
        usual = SOON_AFTER.get(self._kind) if self._random.random() < 0.6 else None
        kind = self._kind = "merge" if merges else "close" if closes else self._random.choice(usual or self._kinds)
        service, rpc, fields = getattr(self, "_" + kind if merges or closes else "_do_" + kind)()
        call = Call(service, rpc, program_id=PROGRAM, request_id=self._id, **fields)
        call.request.validate_only = not merges and not closes and self._random.random() < 0.05
        self._sent.append(call)
        return call

    def _member(self):
        return self._random.choices(self.members, (5, 2, 2))[0]

    def _one_of(self, named, newest=4):
        """One of the newest, with its member: (id, member)."""
        return self._random.choice(named[-newest:]) if named else ("unknown", self._member())

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
        return "points", "Earn", dict(self._named(self._awards, self._member()), points=self._random.randint(1, 60))

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
            time_to_live=dict(seconds=HOUR * self._random.choice((1, 1000, 2000))))

    def _do_capture(self):
        hold, member = self._one_of(self._holds, newest=2)
        self._spendings.append((self._id, member))
        return "points", "CapturePoints", dict(member_id=member, hold_request_id=hold,
                                               points=self._random.choice((0, 3)))

    def _do_release(self):
        hold, member = self._one_of(self._holds, newest=2)
        return "points", "ReleasePoints", dict(member_id=member, hold_request_id=hold)

    def _do_transfer(self):
        member, other = self._random.sample(self.members, 2)
        return "points", "TransferPoints", dict(member_id=member, points=self._random.randint(1, 15),
                                                to_member_id=self._random.choices((other, member), (9, 1))[0])

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
        redemption, member = self._one_of(self._redemptions, newest=2)
        return "rewards", "FulfillRedemption", dict(member_id=member, redemption_request_id=redemption)

    def _do_cancel_redemption(self):
        redemption, member = self._one_of(self._redemptions, newest=2)
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


class HeadOffice:
    """What holds for all households: rules, policies, and awards to audiences."""

    def __init__(self, chance):
        self._random, self._changes = chance, 0
        self._sent, self._awards = [], []
        self._rules = {name: rule.get("conditions", {}) for name, rule in RULES.items()}  # in force

    def next(self, now):
        """The steps of a day of changes. What is in flight together does not depend on each other: a change of a rule moves
        the program's update_time, which the answer to a change of the program tells. A job may give an award from the
        moment on at which it is asked for, so it comes last, and the clock's advance after it waits for it."""
        self._now, self._changes = now, self._changes + 1
        changes = [self._archive(), self._create(), self._update(), *([self._cancel()] if self._awards else [])]
        program, award = self._program(), self._award()
        questions = [self._question(call) for call in (*changes, program, award)] if self._changes % 2 == 0 else []
        again = [self._random.choice(self._sent)] if self._sent else []
        self._sent += [*changes, program, award]
        return [step for step in (questions, changes, [program], again, [award]) if step]

    @staticmethod
    def _question(call):
        question = Call(call.service, call.rpc)
        question.request.CopyFrom(call.request)
        question.request.validate_only = True
        return question

    def _call(self, service, rpc, **fields):
        return Call(service, rpc, request_id=f"{rpc}-{self._changes}", actor="head office", **fields)

    def _content(self, conditions):
        pick = self._random.choice
        effects = [dict(fixed_points=dict(points=pick((2, 8))))]
        if "activity_type" not in conditions:
            effects += [dict(points_per_item=dict(points=3)), dict(points_per_unit=dict(points=1, per_major_units=4)),
                        dict(multiplier=dict(numerator=5, denominator=2))]
        return dict(
            conditions=conditions, effect=pick(effects), group=pick(("", "best")), priority=pick((0, 1)),
            maturity=pick((dict(), dict(kind="MATURITY_KIND_DAYS", days=pick((3, 20))),
                           dict(kind="MATURITY_KIND_CONFIRMATION"))),
            limits=pick((dict(), dict(points_per_order=6), dict(points_per_member_day=5, points_per_member_week=9),
                         dict(points_per_member_month=11), dict(points_per_member=40, budget_points=500_000)))
            | dict(partial=pick((False, True))))

    def _rule(self, name):
        return dict(program_id=PROGRAM, rule_id=name, display_name=f"{name} {self._changes}",
                    **self._content(self._rules[name]))

    def _archive(self):
        name = self._random.choice(sorted(self._rules))
        del self._rules[name]
        return self._call("rules", "ArchiveEarnRule", program_id=PROGRAM, rule_id=name)

    def _create(self):
        name = f"extra-{self._changes}"
        self._rules[name] = self._random.choice((dict(), dict(lines=dict(skus=["tea"])), dict(activity_type="review"),
                                                 dict(tier_ids=["silver", "gold"]), dict(every_nth_purchase=2)))
        return self._call("rules", "CreateEarnRule", rule=self._rule(name))

    def _update(self):
        name = self._random.choice(sorted(self._rules.keys() - {f"extra-{self._changes}"}))
        return self._call("rules", "UpdateEarnRule", rule=self._rule(name))

    def _program(self):
        pick = self._random.choice
        expiry = pick((dict(rolling_months=2, round_up="EXPIRY_ROUND_UP_MONTH_END"), dict(rolling_days=40),
                       dict(fixed_day=dict(month=6, day=30)), dict(inactivity_months=2), dict()))
        worth = dict(points=10, worth_minor=100, minimum_order_minor=500, largest_share_percent=50)
        policies = dict(
            expiry=expiry,
            returns=pick(("RETURN_POLICY_PENDING_ONLY", "RETURN_POLICY_WITHIN_BALANCE", "RETURN_POLICY_ALLOW_NEGATIVE")),
            spending=pick((dict(), worth)) | dict(grace_days=pick((0, 9))),
            transfers=dict(allowed=pick((True, True, False)), most_points_day=40, fee_percent=pick((0, 25))),
            closure=pick(("CLOSURE_POLICY_FORFEIT", "CLOSURE_POLICY_KEEP")),
            tiers=tiers(silver=pick((50_00, 200_00)), gold=pick((250_00, 900_00))))
        paths = [f"policies.{name}" for name in self._random.sample(sorted(policies), 3)]
        return self._call(
            "programs", "UpdateProgram", update_mask=dict(paths=[*paths, "base_earn_rate", "rounding_mode"]),
            apply_expiry_to_existing="policies.expiry" in paths and self._random.random() < 0.5,
            program=dict(program_id=PROGRAM, base_earn_rate=dict(points=pick((1, 2)), per_major_units=pick((1, 3))),
                         rounding_mode=pick(("ROUNDING_MODE_FLOOR", "ROUNDING_MODE_HALF_UP")), policies=policies))

    def _award(self):
        """At once, or during this advance or a later one. What is far away is cancelled on the next day of changes."""
        name, later_s = f"award-{self._changes}", (0, HOUR, 500 * DAY, 0, 15 * DAY)[self._changes % 5]
        self._awards.append(name)
        return self._call(
            "audiences", "AwardAudience", program_id=PROGRAM, award_id=name, points=self._random.randint(1, 20),
            reason="customer day", award_time=dict(seconds=self._now + later_s),
            audience=self._random.choice((dict(), dict(), dict(member_label="plus"), dict(segment="vip"),
                                          dict(tier_ids=["silver", "gold"]))))

    def _cancel(self):
        """Refused if it was given meanwhile."""
        return self._call("audiences", "CancelAudienceAward", program_id=PROGRAM, award_id=self._awards[-1])


class History:
    """A history: steps of commands that are in flight together, some of them that the clock be advanced."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self._now, self.steps = OPENING, []
        self.of_head_office = []  # the numbers of these steps
        households = [Household(number, self._random) for number in range(HOUSEHOLDS)]
        self.members = [member for household in households for member in household.members]
        self.members += [f"charity-{i}" for i in range(HOUSEHOLDS)]
        self._write(households, HeadOffice(self._random))

    def _write(self, households, head_office):
        chance = self._random
        merger = [chance.randint(ROUNDS // 3, ROUNDS * 3 // 4) for _ in households]
        closing = [chance.randint(ROUNDS // 2, ROUNDS - 5) for _ in households]
        for turn in range(ROUNDS):
            self.steps.append([household.next(self._now, turn == merger[i], turn == closing[i])
                               for i, household in enumerate(households)])
            if turn % ROUNDS_BETWEEN_CHANGES == ROUNDS_BETWEEN_CHANGES - 1:
                first = len(self.steps)
                self.steps += head_office.next(self._now)
                self._advance()
                self.of_head_office += range(first, len(self.steps))  # with the advance that gives the award
            elif chance.random() < 0.4:
                self._advance()
        self._advance(100 * DAY)  # whatever award is still to be given

    def _advance(self, seconds=None):
        self._now += seconds or HOUR * self._random.choice((5, 30, 24 * 12, 24 * 50))
        self.steps.append([Call("clock", "AdvanceClock", program_id=PROGRAM, target_time=dict(seconds=self._now))])
