"""Every award that the other services promise arrives in the ledger once, whoever gets killed, and when points is away.

A thousand customers are each brought by a friend and buy, join a paid plan that gives points, and answer a survey that
gives points, all at once, while SIGKILL hits every service in the middle. Clients do what the contracts tell them to:
the same request again, with the same request id, until it is answered.

LOYALTY_SEED repeats a run as far as who is killed after how much work.
"""
import collections
import datetime
import itertools
import os
import pathlib
import random
import signal
import tempfile
import threading
import time
import unittest

import stubs
import suite

stubs.go_on_where_grpc_is()
_STUBS = tempfile.TemporaryDirectory(prefix="loyalty-stubs.")
stubs.make(pathlib.Path(_STUBS.name))

import grpc

from loyalty.admin.v1 import clock_service_pb2, clock_service_pb2_grpc
from loyalty.events.v1 import delivery_pb2, delivery_service_pb2, delivery_service_pb2_grpc
from loyalty.events.v1 import follower_service_pb2, follower_service_pb2_grpc
from loyalty.membership.v1 import membership_service_pb2, membership_service_pb2_grpc
from loyalty.membership.v1 import plan_service_pb2, plan_service_pb2_grpc
from loyalty.points.v1 import points_service_pb2, points_service_pb2_grpc
from loyalty.points.v1 import program_service_pb2, program_service_pb2_grpc
from loyalty.referral.v1 import campaign_service_pb2, campaign_service_pb2_grpc
from loyalty.referral.v1 import referral_service_pb2, referral_service_pb2_grpc
from loyalty.surveys.v1 import response_service_pb2, response_service_pb2_grpc
from loyalty.surveys.v1 import survey_service_pb2, survey_service_pb2_grpc
from retries import CHANNEL, TRY_AGAIN

SEED = int(os.environ.get("LOYALTY_SEED", random.SystemRandom().randrange(10**6)))
PROGRAM = "awards"
THREADS = 4  # for each stream of work
KILLS = 4  # of each service
LONGEST_AWAY_S = 0.5

FRIEND_POINTS, SIGN_UP_POINTS, COMPLETION_POINTS = 30, 70, 15
BRACKETS = {1: 100, 6: 150, 11: 200}  # from the n-th referral on: points for each
MILESTONES = {5: 500, 20: 2000}
FRIENDS_EACH = 20  # of one referrer


class Client:
    """The suite's RPCs, each tried until it is answered."""

    def __init__(self, servers):
        channels = {name: grpc.insecure_channel(server.address, CHANNEL) for name, server in servers.items()}
        self.programs = program_service_pb2_grpc.ProgramServiceStub(channels["points"])
        self.points = points_service_pb2_grpc.PointsServiceStub(channels["points"])
        self.clock = clock_service_pb2_grpc.ClockServiceStub(channels["points"])
        self.campaigns = campaign_service_pb2_grpc.CampaignServiceStub(channels["referral"])
        self.referrals = referral_service_pb2_grpc.ReferralServiceStub(channels["referral"])
        self.plans = plan_service_pb2_grpc.PlanServiceStub(channels["membership"])
        self.memberships = membership_service_pb2_grpc.MembershipServiceStub(channels["membership"])
        self.surveys = survey_service_pb2_grpc.SurveyServiceStub(channels["surveys"])
        self.responses = response_service_pb2_grpc.ResponseServiceStub(channels["surveys"])
        self.deliveries = {name: delivery_service_pb2_grpc.DeliveryServiceStub(channels[name])
                           for name in suite.SERVICES[1:]}
        self.followers = {name: follower_service_pb2_grpc.FollowerServiceStub(channels[name])
                          for name in ("referral", "surveys")}
        self._channels = channels
        self.tried_again = collections.Counter()  # by code; adding is not atomic, and need not be

    def close(self):
        for channel in self._channels.values():
            channel.close()

    def call(self, method, request, timeout=10):
        deadline = time.monotonic() + suite.PATIENCE
        while True:
            try:
                return method(request, timeout=timeout, wait_for_ready=True)
            except grpc.RpcError as error:
                if error.code() not in TRY_AGAIN or time.monotonic() > deadline:
                    raise
                self.tried_again[error.code().name] += 1
                time.sleep(0.02)


class Work:
    """Streams of work, each by some threads at once; the main thread may follow how much is done."""

    def __init__(self, streams, threads):
        self._failures = []
        self._progress = threading.Condition()
        self.done = 0
        self._threads = [threading.Thread(target=self._run, args=(step, numbers), daemon=True)
                         for step, numbers in ((step, iter(numbers)) for step, numbers in streams)
                         for _ in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, error, trace):
        for thread in self._threads if error is None else ():
            thread.join()
        if self._failures:
            raise self._failures[0]

    def wait_for(self, count):
        with self._progress:
            if not self._progress.wait_for(lambda: self.done >= count or self._failures, 3 * suite.PATIENCE):
                raise AssertionError(f"only {self.done} of {count} steps are done")
        if self._failures:
            raise self._failures[0]

    def _run(self, step, numbers):
        try:
            while (number := self._next(numbers)) is not None:
                step(number)
                with self._progress:
                    self.done += 1
                    self._progress.notify_all()
        except BaseException as error:
            with self._progress:
                self._failures.append(error)
                self._progress.notify_all()

    def _next(self, numbers):
        with self._progress:
            return next(numbers, None) if not self._failures else None


class AwardsTest(suite.SuiteTest):
    def setUp(self):
        super().setUp()
        print(f"\nLOYALTY_SEED={SEED}", flush=True)
        self.random = random.Random(SEED)
        self.servers = self.whole_suite()
        self.client = Client(self.servers)
        self.addCleanup(self.client.close)
        self.call = self.client.call

    def set_up_program(self, trigger, referrers, test_clock):
        request_id = (f"set-up-{number}" for number in itertools.count())
        self.call(self.client.programs.CreateProgram, program_service_pb2.CreateProgramRequest(
            program=dict(program_id=PROGRAM, display_name="Awards", currency_code="EUR", time_zone="Europe/Rome"),
            test_clock=test_clock))
        self.call(self.client.campaigns.CreateCampaign, campaign_service_pb2.CreateCampaignRequest(
            program_id=PROGRAM, request_id=next(request_id), campaign=dict(campaign_id="friends", terms=dict(
                display_name="Friends", trigger=trigger, friend_reward=dict(points=FRIEND_POINTS),
                brackets=[dict(from_referral=n, reward=dict(points=points)) for n, points in BRACKETS.items()],
                milestones=[dict(referrals=n, reward=dict(points=points)) for n, points in MILESTONES.items()]))))
        self.call(self.client.campaigns.ActivateCampaign, campaign_service_pb2.ActivateCampaignRequest(
            program_id=PROGRAM, campaign_id="friends", request_id=next(request_id)))
        self.codes = [self.call(self.client.referrals.GetOrCreateCode, referral_service_pb2.GetOrCreateCodeRequest(
            program_id=PROGRAM, campaign_id="friends", member_id=f"referrer-{n}")).code.code for n in range(referrers)]
        self.call(self.client.plans.CreatePlan, plan_service_pb2.CreatePlanRequest(
            request_id=next(request_id), actor="test", plan=dict(
                program_id=PROGRAM, plan_id="plus", display_name="Plus",
                billing=dict(kind="BILLING_KIND_YEARLY", count=1), prices=[dict(currency_code="EUR", amount_minor=2900)],
                benefits=[dict(benefit_id="welcome", kind="BENEFIT_KIND_SIGN_UP_POINTS", points=SIGN_UP_POINTS)])))
        self.call(self.client.surveys.CreateSurvey, survey_service_pb2.CreateSurveyRequest(
            program_id=PROGRAM, request_id=next(request_id), survey=dict(
                survey_id="visit", display_name="Visit", completion_points=COMPLETION_POINTS,
                questions=[dict(question_id="nps", type="QUESTION_TYPE_NPS", text="Would you recommend us?")])))
        self.call(self.client.surveys.PublishSurvey, survey_service_pb2.PublishSurveyRequest(
            program_id=PROGRAM, survey_id="visit", request_id=next(request_id)))

    # What customer n does. Nothing in a request depends on when it is sent, so that it can be sent again as it was.
    def claim(self, n):
        self.call(self.client.referrals.ClaimReferral, referral_service_pb2.ClaimReferralRequest(
            program_id=PROGRAM, friend_id=f"customer-{n}", code=self.codes[n // FRIENDS_EACH],
            request_id=f"claim-{n}"))

    def buy(self, n):
        self.claim(n)
        self.call(self.client.points.RecordPurchase, points_service_pb2.RecordPurchaseRequest(
            program_id=PROGRAM, member_id=f"customer-{n}", request_id=f"purchase-{n}", purchase=dict(
                order_id=f"order-{n}", purchase_time=self.now, total_minor=self.cents(n))))

    def sign_up(self, n):
        self.claim(n)
        self.call(self.client.referrals.RecordSignUp, referral_service_pb2.RecordSignUpRequest(
            program_id=PROGRAM, friend_id=f"customer-{n}", request_id=f"sign-up-{n}"))

    def join(self, n):
        self.call(self.client.memberships.Subscribe, membership_service_pb2.SubscribeRequest(
            program_id=PROGRAM, member_id=f"customer-{n}", request_id=f"join-{n}", plan_id="plus", payment_method="token"))

    def answer(self, n):
        invitation = self.call(self.client.responses.CreateInvitation, response_service_pb2.CreateInvitationRequest(
            program_id=PROGRAM, survey_id="visit", member_id=f"customer-{n}", request_id=f"invite-{n}")).invitation
        self.call(self.client.responses.SubmitResponse, response_service_pb2.SubmitResponseRequest(
            program_id=PROGRAM, token=invitation.token, request_id=f"answer-{n}",
            answers=[dict(question_id="nps", score=n % 11)]))

    @staticmethod
    def cents(n):
        return 1000 + 37 * n % 9000

    def deliveries(self, service, state=delivery_pb2.DELIVERY_STATE_UNSPECIFIED):
        found, token = [], ""
        while True:
            page = self.call(self.client.deliveries[service].ListDeliveries, delivery_service_pb2.ListDeliveriesRequest(
                program_id=PROGRAM, page_size=500, page_token=token, state=state))
            found += page.deliveries
            token = page.next_page_token
            if not token:
                return found

    def assert_all_arrived_once(self, customers, purchases):
        """Services say that they delivered; the ledger, by SQL on its tables, has every award once and nothing else."""
        referrers = customers // FRIENDS_EACH
        of_referrer = [max(p for first, p in BRACKETS.items() if first <= n) for n in range(1, FRIENDS_EACH + 1)]
        promised = {"referral": [FRIEND_POINTS] * customers + (of_referrer + [*MILESTONES.values()]) * referrers,
                    "membership": [SIGN_UP_POINTS] * customers, "surveys": [COMPLETION_POINTS] * customers}
        sent, sent_again = [], 0
        for service, points in promised.items():
            deliveries = self.deliveries(service)
            self.assertEqual({delivery_pb2.DeliveryState.Name(one.state) for one in deliveries},
                             {"DELIVERY_STATE_DELIVERED"}, service)
            self.assertEqual(sorted(one.points for one in deliveries), sorted(points), service)
            sent_again += sum(one.attempts > 1 for one in deliveries)
            sent += [[one.member_id, one.cause, one.request_id, str(one.points)] for one in deliveries]
        for service, follower in self.client.followers.items():
            set_aside = self.call(follower.ListSetAsideEvents,
                                  follower_service_pb2.ListSetAsideEventsRequest(program_id=PROGRAM)).events
            self.assertEqual(list(set_aside), [], service)

        awarded = self.database.rows(
            "SELECT member_id, cause, request_id, points FROM points.entry_in_full"
            " WHERE program_key > 0 AND kind = 2")  # ENTRY_KIND_EARN
        self.assertEqual(sorted(awarded), sorted(sent))
        entries = {member: (int(count), int(points)) for member, count, points in self.database.rows(
            "SELECT member_id, count(*), sum(points) FROM points.entry_in_full WHERE program_key > 0 GROUP BY member_id")}
        each = FRIEND_POINTS + SIGN_UP_POINTS + COMPLETION_POINTS
        expected = {f"referrer-{n}": (FRIENDS_EACH + len(MILESTONES), sum(of_referrer) + sum(MILESTONES.values()))
                    for n in range(referrers)}
        expected |= {f"customer-{n}": (4, each + self.cents(n) // 100) if purchases else (3, each)
                     for n in range(customers)}
        self.assertEqual(entries, expected)
        verified = self.loyalty_json("verify", "--program", PROGRAM, address=self.servers["points"].address)
        self.assertEqual(verified["differences"], [])
        return f"{len(awarded)} awards, {sent_again} of them sent more than once"

    def test_every_award_arrives_once_whoever_is_killed(self):
        """On a test clock, so that what a killed service left behind for later (a claimed delivery for a minute, a charge
        without an answer for five) is due when the test says so."""
        customers = 1000
        self.set_up_program("TRIGGER_FIRST_PURCHASE", customers // FRIENDS_EACH, test_clock=True)
        self.now = self.call(self.client.clock.GetClock,
                             clock_service_pb2.GetClockRequest(program_id=PROGRAM)).clock.clock_time
        streams = [(step, self.random.sample(range(customers), customers)) for step in (self.buy, self.join, self.answer)]
        steps = len(streams) * customers
        victims = self.random.sample([*suite.SERVICES] * KILLS, len(suite.SERVICES) * KILLS)
        begin = time.monotonic()
        with Work(streams, THREADS) as work:
            for moment, victim in zip(sorted(self.random.sample(range(steps // 50, steps * 2 // 3), len(victims))), victims):
                work.wait_for(moment)
                self.servers[victim].kill()
                print(f"{time.monotonic() - begin:5.1f} s  killed {victim} after {work.done} of {steps} steps", flush=True)
                time.sleep(self.random.uniform(0, LONGEST_AWAY_S))  # so long it is away
                self.servers[victim].start()
        worked = time.monotonic() - begin
        later = self.now.ToDatetime() + datetime.timedelta(minutes=10)
        target = clock_service_pb2.AdvanceClockRequest(program_id=PROGRAM)
        target.target_time.FromDatetime(later)
        self.call(self.client.clock.AdvanceClock, target, timeout=suite.PATIENCE)
        awards = self.assert_all_arrived_once(customers, purchases=True)
        print(f"{steps} steps in {worked:.1f} s, {awards}, all there after {time.monotonic() - begin:.1f} s; "
              f"tried again: {dict(self.client.tried_again)}", flush=True)

    def test_awards_wait_while_points_is_away(self):
        """Nobody but points is missed: the other services go on, owe, and deliver when it is back. On real time."""
        customers = 5 * FRIENDS_EACH
        self.set_up_program("TRIGGER_SIGN_UP", customers // FRIENDS_EACH, test_clock=False)
        self.servers["points"].kill()
        with Work([(step, range(customers)) for step in (self.sign_up, self.join, self.answer)], THREADS):
            pass
        self.assertEqual(self.client.tried_again, {})
        for service in suite.SERVICES[1:]:
            self.assertEqual(self.deliveries(service, delivery_pb2.DELIVERY_STATE_DELIVERED), [])
            self.assertGreaterEqual(len(self.deliveries(service, delivery_pb2.DELIVERY_STATE_PENDING)), customers)
        self.assertEqual(self.database.value("SELECT count(*) FROM points.entry WHERE program_key > 0"), "0")
        begin = time.monotonic()
        self.servers["points"].start()
        for service in suite.SERVICES[1:]:
            self.wait_until_delivered(service)
        awards = self.assert_all_arrived_once(customers, purchases=False)
        print(f"{awards}, all there {time.monotonic() - begin:.1f} s after points began to start", flush=True)

    def test_what_a_killed_service_was_sending_is_sent_again(self):
        """The calls may have arrived or not: points stands still while they are made, and goes on when the callers are
        dead. Nobody helps: the deliveries are due again a minute after they were claimed. On real time."""
        customers = FRIENDS_EACH
        self.set_up_program("TRIGGER_SIGN_UP", customers // FRIENDS_EACH, test_clock=False)
        self.servers["points"].process.send_signal(signal.SIGSTOP)
        with Work([(step, range(customers)) for step in (self.sign_up, self.join, self.answer)], THREADS):
            pass
        for service in suite.SERVICES[1:]:
            suite.wait_until(lambda: any(one.attempts for one in self.deliveries(service)), f"{service} is sending")
            self.servers[service].kill()
        self.servers["points"].process.send_signal(signal.SIGCONT)
        begin = time.monotonic()
        for service in suite.SERVICES[1:]:
            self.servers[service].start()
        for service in suite.SERVICES[1:]:
            self.wait_until_delivered(service)
        awards = self.assert_all_arrived_once(customers, purchases=False)
        print(f"{awards}, all there {time.monotonic() - begin:.1f} s after the callers were killed", flush=True)

    def wait_until_delivered(self, service):
        suite.wait_until(lambda: not self.deliveries(service, delivery_pb2.DELIVERY_STATE_PENDING),
                         f"{service} has delivered everything", timeout=2 * suite.PATIENCE, pause=0.1)


if __name__ == "__main__":
    suite.main()
