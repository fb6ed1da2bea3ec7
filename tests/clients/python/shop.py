"""What a shop does with the loyalty suite, in Python, with nothing but the stubs that protoc makes of proto/:

    protoc --proto_path=proto --python_out=stubs --grpc_out=stubs \\
        --plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin $(find proto -name '*.proto')
    PYTHONPATH=stubs python3 tests/clients/python/shop.py PROGRAM POINTS REFERRAL MEMBERSHIP SURVEYS

PROGRAM is the id of a program to create, the others are the services' addresses (host:port). shop.mjs is the same in
JavaScript.
"""
import json
import sys
import uuid

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from loyalty.events.v1 import event_service_pb2 as events
from loyalty.events.v1.event_service_pb2_grpc import EventServiceStub
from loyalty.membership.v1 import membership_pb2, membership_service_pb2 as membership, plan_service_pb2 as plan
from loyalty.membership.v1.membership_service_pb2_grpc import MembershipServiceStub
from loyalty.membership.v1.plan_service_pb2_grpc import PlanServiceStub
from loyalty.points.v1 import entry_pb2, event_pb2, points_service_pb2 as points, program_service_pb2 as program
from loyalty.points.v1.points_service_pb2_grpc import PointsServiceStub
from loyalty.points.v1.program_service_pb2_grpc import ProgramServiceStub
from loyalty.referral.v1 import campaign_service_pb2 as campaign, referral_pb2, referral_service_pb2 as referral
from loyalty.referral.v1.campaign_service_pb2_grpc import CampaignServiceStub
from loyalty.referral.v1.referral_service_pb2_grpc import ReferralServiceStub
from loyalty.rpc.v1 import status_pb2
from loyalty.surveys.v1 import case_pb2, case_service_pb2 as case, response_service_pb2 as response
from loyalty.surveys.v1 import survey_service_pb2 as survey
from loyalty.surveys.v1.case_service_pb2_grpc import CaseServiceStub
from loyalty.surveys.v1.response_service_pb2_grpc import ResponseServiceStub
from loyalty.surveys.v1.survey_service_pb2_grpc import SurveyServiceStub

# gRPC itself tries again what is UNAVAILABLE. That is safe: every call that changes something carries a request id,
# and takes effect once, however often it is sent.
RETRIES = json.dumps({"methodConfig": [{"name": [{}], "timeout": "10s", "retryPolicy": {
    "maxAttempts": 5, "initialBackoff": "0.1s", "maxBackoff": "2s", "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"]}}]})
PATIENCE = 30  # seconds until something that another service causes has happened


class Refused(Exception):
    """A call that was refused: `reason` is a name of the service's ErrorReason, `metadata` has the values to it."""

    def __init__(self, error):
        self.code, self.reason, self.metadata = error.code(), "", {}
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                for detail in status_pb2.Status.FromString(value).details:
                    if detail.type_url.endswith("/google.rpc.ErrorInfo"):
                        info = status_pb2.ErrorInfo.FromString(detail.value)
                        self.reason, self.metadata = info.reason, dict(info.metadata)
        super().__init__(f"{self.code.name} {self.reason} {self.metadata}: {error.details()}")


def call(method, request):
    """The answer of an RPC, or a Refused."""
    return call_and_tell(method, request)[0]


def call_and_tell(method, request):
    """The answer, and whether it was given before: this request id had taken effect already."""
    try:
        answer, rpc = method.with_call(request)
    except grpc.RpcError as error:
        raise Refused(error) from None
    return answer, ("replayed", "true") in [tuple(pair) for pair in rpc.trailing_metadata()]


def new_id():
    """A request id. Make it before the first attempt, keep it with the order, use it in every attempt."""
    return str(uuid.uuid4())


def now():
    time = Timestamp()
    time.GetCurrentTime()
    return time


class Shop:
    def __init__(self, program_id, points_address, referral_address, membership_address, surveys_address):
        def channel(address):
            return grpc.insecure_channel(address, options=[("grpc.service_config", RETRIES)])

        of_points, of_referral = channel(points_address), channel(referral_address)
        of_membership, of_surveys = channel(membership_address), channel(surveys_address)
        self.program_id = program_id
        self.programs, self.points = ProgramServiceStub(of_points), PointsServiceStub(of_points)
        self.point_events = EventServiceStub(of_points)  # each service has one, for its own events
        self.campaigns, self.referrals = CampaignServiceStub(of_referral), ReferralServiceStub(of_referral)
        self.plans, self.memberships = PlanServiceStub(of_membership), MembershipServiceStub(of_membership)
        self.surveys, self.responses = SurveyServiceStub(of_surveys), ResponseServiceStub(of_surveys)
        self.cases = CaseServiceStub(of_surveys)

    def set_up(self):
        """Once for a program, by whoever runs it: what members can earn, and how."""
        call(self.programs.CreateProgram, program.CreateProgramRequest(program=dict(
            program_id=self.program_id, display_name="Corner shop", currency_code="EUR", time_zone="Europe/Rome",
            base_earn_rate=dict(points=1, per_major_units=1), enrollment_mode="ENROLLMENT_MODE_EXPLICIT")))
        call(self.campaigns.CreateCampaign, campaign.CreateCampaignRequest(
            program_id=self.program_id, request_id=new_id(), campaign=dict(campaign_id="friends", terms=dict(
                display_name="Bring a friend", trigger="TRIGGER_FIRST_PURCHASE", minimum_amount_minor=2000,
                friend_reward=dict(points=50), brackets=[dict(from_referral=1, reward=dict(points=100))]))))
        call(self.campaigns.ActivateCampaign, campaign.ActivateCampaignRequest(
            program_id=self.program_id, campaign_id="friends", request_id=new_id()))
        call(self.plans.CreatePlan, plan.CreatePlanRequest(request_id=new_id(), actor="shop", plan=dict(
            program_id=self.program_id, plan_id="plus", display_name="Plus",
            billing=dict(kind="BILLING_KIND_YEARLY", count=1), prices=[dict(currency_code="EUR", amount_minor=2900)],
            benefits=[dict(benefit_id="lounge", kind="BENEFIT_KIND_QUOTA", quota=2),
                      dict(benefit_id="welcome", kind="BENEFIT_KIND_SIGN_UP_POINTS", points=100)])))
        call(self.surveys.CreateSurvey, survey.CreateSurveyRequest(
            program_id=self.program_id, request_id=new_id(), survey=dict(
                survey_id="recommend", display_name="Would you recommend us?", completion_points=15,
                questions=[dict(question_id="nps", type="QUESTION_TYPE_NPS", text="Would you recommend us?",
                                required=True, follow_up=dict(detractor="What went wrong?"))],
                case_policy=dict(make_good_limit_points=500))))
        call(self.surveys.PublishSurvey, survey.PublishSurveyRequest(
            program_id=self.program_id, survey_id="recommend", request_id=new_id()))

    def award(self, member_id, cause):
        """Waits until points from another service have arrived, by following the member's ledger."""
        watch = self.point_events.WatchEvents(events.WatchEventsRequest(
            program_id=self.program_id, member_id=member_id,
            types=[event_pb2.EntryPosted.DESCRIPTOR.full_name]), timeout=PATIENCE)
        for answer in watch:
            for event in answer.events:
                posted = event_pb2.EntryPosted()
                event.payload.Unpack(posted)
                if posted.entry.cause.startswith(cause):
                    watch.cancel()
                    return posted.entry
        raise EOFError("the server is going: watch again, after the position of the last answer")

    def first_events(self, count):
        """The program's first events. Who keeps the position of the last answer can go on after it at any time."""
        found = []
        watch = self.point_events.WatchEvents(events.WatchEventsRequest(program_id=self.program_id), timeout=PATIENCE)
        for answer in watch:
            found += answer.events
            if len(found) >= count:
                watch.cancel()
                return found[:count]
        raise EOFError("the server is going: watch again, after the position of the last answer")

    def play(self):
        """Ada brings Ben. Ben buys, joins the paid plan, is not content, and is made content."""
        mine = dict(program_id=self.program_id)

        for member_id in ("ada", "ben"):
            member = call(self.points.EnrollMember, points.EnrollMemberRequest(**mine, member_id=member_id)).member
            print(f"{member.member_id} is enrolled with {member.available_points} points")

        code = call(self.referrals.GetOrCreateCode, referral.GetOrCreateCodeRequest(
            **mine, campaign_id="friends", member_id="ada")).code.code
        try:
            call(self.referrals.ClaimReferral, referral.ClaimReferralRequest(
                **mine, friend_id="ada", code=code, request_id=new_id()))
        except Refused as refused:
            print(f"ada cannot use her own code: {refused.code.name} {refused.reason}")
        claimed = call(self.referrals.ClaimReferral, referral.ClaimReferralRequest(
            **mine, friend_id="ben", code=code, request_id=new_id())).referral
        print(f"ben uses the code of {claimed.referrer_id}: {referral_pb2.ReferralState.Name(claimed.state)}")

        purchase = points.RecordPurchaseRequest(**mine, member_id="ben", request_id=new_id(), purchase=dict(
            order_id="A-17", purchase_time=now(), total_minor=4990, channel="web",
            lines=[dict(sku="kettle", quantity=1, amount_minor=4990)]))
        for _ in range(2):  # the answer to the first one may have been lost on its way
            answer, replayed = call_and_tell(self.points.RecordPurchase, purchase)
            print(f"ben buys for 49.90: {answer.entry.points} points, sequence {answer.entry.sequence}, "
                  f"replayed {'yes' if replayed else 'no'}")
        for member_id in ("ada", "ben"):
            print(f"{member_id} gets {self.award(member_id, 'referral:').points} points for the referral")

        subscribed = call(self.memberships.Subscribe, membership.SubscribeRequest(
            **mine, member_id="ben", request_id=new_id(), plan_id="plus", payment_method="token-of-the-provider"))
        print(f"ben joins plus and gets {self.award('ben', 'membership:').points} points")  # so it is paid
        standing = call(self.memberships.GetMembership, membership.GetMembershipRequest(
            **mine, membership_id=subscribed.membership.membership_id)).membership
        print(f"the membership is {membership_pb2.MembershipState.Name(standing.state)}")
        visit = call(self.memberships.UseBenefit, membership.UseBenefitRequest(
            **mine, member_id="ben", request_id=new_id(), benefit_id="lounge"))
        print(f"ben visits the lounge, {visit.left} left")
        try:
            call(self.memberships.UseBenefit, membership.UseBenefitRequest(
                **mine, member_id="ben", request_id=new_id(), benefit_id="lounge", count=2))
        except Refused as refused:
            print(f"with two friends: {refused.code.name} {refused.reason}, "
                  f"asked {refused.metadata['asked']}, left {refused.metadata['left']}")

        token = call(self.responses.CreateInvitation, response.CreateInvitationRequest(
            **mine, survey_id="recommend", member_id="ben", request_id=new_id(), channel="mail")).invitation.token
        asked = call(self.responses.GetInvitation, response.GetInvitationRequest(**mine, token=token)).survey
        answered = call(self.responses.SubmitResponse, response.SubmitResponseRequest(
            **mine, token=token, answers=[dict(question_id=asked.questions[0].question_id, score=4,
                                               comment="The kettle leaks.")]))
        print(f"ben answers 4, gets {self.award('ben', 'survey-response:').points} points, and opens a case")
        call(self.cases.AddCaseNote, case.AddCaseNoteRequest(
            **mine, case_id=answered.case_id, request_id=new_id(), actor="carla", kind="NOTE_KIND_CONTACT",
            text="Sent a new kettle."))
        resolved = call(self.cases.ResolveCase, case.ResolveCaseRequest(
            **mine, case_id=answered.case_id, request_id=new_id(), actor="carla", resolution="New kettle",
            make_good_points=200)).case
        print(f"the case is {case_pb2.CaseState.Name(resolved.state)}, ben gets {self.award('ben', 'case:').points} points")

        call(self.points.Spend, points.SpendRequest(
            **mine, member_id="ben", request_id=new_id(), points=300, reason="Coffee machine"))
        balance = call(self.points.GetBalance, points.GetBalanceRequest(**mine, member_id="ben")).balance
        print(f"ben takes a coffee machine for 300 points and has {balance.available_points} left")

        print("ben's statement, the newest first:")
        statement = points.ListEntriesRequest(**mine, member_id="ben", page_size=4)
        while True:  # page by page
            page = call(self.points.ListEntries, statement)
            for entry in page.entries:
                print(f"  {entry.sequence} {entry_pb2.EntryKind.Name(entry.kind)} {entry.points:+} = {entry.balance_after}")
            if not page.next_page_token:
                break
            statement.page_token = page.next_page_token

        print("the first events of points:")
        for event in self.first_events(4):
            print(f"  {event.position} {event.type} {event.member_id or '-'}")


if __name__ == "__main__":
    shop = Shop(*sys.argv[1:])
    shop.set_up()
    shop.play()
