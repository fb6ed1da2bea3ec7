"""A little load on each service, so that its metrics move: one call of each kind after the other, over and over."""
import itertools
import re
import subprocess
import threading

import grpc_call
import suite
import support

PROGRAM = "demo"
NUMBER = "00000000"  # in a request: replaced by the number of the round, so that ids are new each time
TOKEN = "T" * 32  # in a request: replaced by the token of the last answer that had one
OK, NOT_FOUND, FAILED_PRECONDITION = 0, 5, 9

REPEATED = [  # what is said twice is answered from the request log
    ("points", "points.v1.PointsService/Earn", "EarnRequest",
     'program_id: "demo" member_id: "m-00000000" request_id: "earn-00000000" points: 100 reason: "load"', OK),
    ("referral", "referral.v1.CampaignService/CreateCampaign", "CreateCampaignRequest",
     'program_id: "demo" campaign { campaign_id: "c-00000000" terms { display_name: "Load" trigger: TRIGGER_SIGN_UP'
     ' friend_reward { points: 5 } } } request_id: "campaign-00000000" actor: "load"', OK),
    ("membership", "membership.v1.PlanService/CreatePlan", "CreatePlanRequest",
     'plan { program_id: "demo" plan_id: "p-00000000" display_name: "Load" billing { kind: BILLING_KIND_MONTHLY'
     ' count: 1 } prices { currency_code: "EUR" amount_minor: 500 } benefits { benefit_id: "welcome"'
     ' kind: BENEFIT_KIND_SIGN_UP_POINTS points: 5 } } request_id: "plan-00000000" actor: "load"', OK),
    ("surveys", "surveys.v1.SurveyService/CreateSurvey", "CreateSurveyRequest",
     'program_id: "demo" request_id: "survey-00000000" actor: "load" survey { survey_id: "s-00000000"'
     ' display_name: "Load" min_group_size: 1 completion_points: 5'
     ' questions { question_id: "nps" type: QUESTION_TYPE_NPS text: "Well?" } }', OK),
]


def claimed(friend):
    return ("referral", "referral.v1.ReferralService/ClaimReferral", "ClaimReferralRequest",
            f'program_id: "demo" friend_id: "{friend}-00000000" code: "come-00000000" request_id: "{friend}-00000000"'
            ' actor: "load"')


def answered(member, score):
    """An invitation and its response."""
    return [
        ("surveys", "surveys.v1.ResponseService/CreateInvitation", "CreateInvitationRequest",
         f'program_id: "demo" survey_id: "s-00000000" member_id: "{member}-00000000"'
         f' request_id: "invite-{member}-00000000" actor: "load"', OK),
        ("surveys", "surveys.v1.ResponseService/SubmitResponse", "SubmitResponseRequest",
         f'program_id: "demo" token: "{TOKEN}" request_id: "answer-{member}-00000000" actor: "load"'
         f' answers {{ question_id: "nps" score: {score} }}', OK),
    ]


def bought(member, order, seconds):
    """An order of a time, in seconds since 1970."""
    return ("points", "points.v1.PointsService/RecordPurchase", "RecordPurchaseRequest",
            f'program_id: "demo" member_id: "{member}-00000000" request_id: "{order}-00000000" purchase {{'
            f' order_id: "{order}-00000000" purchase_time {{ seconds: {seconds} }} total_minor: 10000 }}', OK)


# Service, method, type of the request, the request in protobuf's text format, the code of the answer.
CALLS = [
    *REPEATED, *REPEATED,
    ("points", "points.v1.PointsService/Spend", "SpendRequest",
     'program_id: "demo" member_id: "m-00000000" request_id: "spend-00000000" points: 40 reason: "load"', OK),
    *(("points", "points.v1.PointsService/Adjust", "AdjustRequest",
       f'program_id: "demo" member_id: "m-00000000" request_id: "{name}-00000000" points: {points} reason: "load"'
       ' actor: "load"', OK) for name, points in (("up", 3), ("down", -2))),
    bought("m", "order", 1767225600),
    ("points", "points.v1.PointsService/RecordReturn", "RecordReturnRequest",
     'program_id: "demo" order_id: "order-00000000" return_id: "return-00000000" request_id: "return-00000000"', OK),
    ("points", "points.v1.PointsService/GetBalance", "GetBalanceRequest", 'program_id: "demo" member_id: "m-00000000"', OK),
    ("points", "points.v1.PointsService/GetMember", "GetMemberRequest", 'program_id: "demo" member_id: "nobody"', NOT_FOUND),

    ("referral", "referral.v1.CampaignService/GetCampaign", "GetCampaignRequest",
     'program_id: "demo" campaign_id: "c-00000000"', OK),
    ("referral", "referral.v1.CampaignService/GetCampaign", "GetCampaignRequest",
     'program_id: "demo" campaign_id: "nothing"', NOT_FOUND),
    ("referral", "referral.v1.CampaignService/ActivateCampaign", "ActivateCampaignRequest",
     'program_id: "demo" campaign_id: "c-00000000" request_id: "activate-00000000" actor: "load"', OK),
    ("referral", "referral.v1.ReferralService/CreateVanityCode", "CreateVanityCodeRequest",
     'program_id: "demo" campaign_id: "c-00000000" member_id: "m-00000000" code: "come-00000000"'
     ' request_id: "code-00000000" actor: "load"', OK),
    (*claimed("m"), FAILED_PRECONDITION),  # oneself
    (*claimed("friend"), OK),
    ("referral", "referral.v1.ReferralService/RecordSignUp", "RecordSignUpRequest",
     'program_id: "demo" friend_id: "friend-00000000" request_id: "sign-up-00000000" actor: "load"', OK),
    (*claimed("buyer"), OK),
    bought("buyer", "old", 1767225600),  # comes to light after the claim, which is rejected

    ("membership", "membership.v1.PlanService/GetPlan", "GetPlanRequest", 'program_id: "demo" plan_id: "p-00000000"', OK),
    ("membership", "membership.v1.PlanService/GetPlan", "GetPlanRequest", 'program_id: "demo" plan_id: "nothing"', NOT_FOUND),
    ("membership", "membership.v1.MembershipService/Subscribe", "SubscribeRequest",
     'program_id: "demo" member_id: "m-00000000" plan_id: "p-00000000" currency_code: "EUR" payment_method: "card"'
     ' request_id: "subscribe-00000000" actor: "load"', OK),

    ("surveys", "surveys.v1.SurveyService/GetSurvey", "GetSurveyRequest",
     'program_id: "demo" survey_id: "s-00000000"', OK),
    ("surveys", "surveys.v1.SurveyService/GetSurvey", "GetSurveyRequest",
     'program_id: "demo" survey_id: "nothing"', NOT_FOUND),
    ("surveys", "surveys.v1.SurveyService/PublishSurvey", "PublishSurveyRequest",
     'program_id: "demo" survey_id: "s-00000000" request_id: "publish-00000000" actor: "load"', OK),
    *answered("m", 10), *answered("friend", 9), *answered("buyer", 3),
]


def encoded(method, kind, text):
    package = "loyalty." + ".".join(method.split(".")[:2])
    folder = support.ROOT / "proto" / package.replace(".", "/")
    done = subprocess.run(["protoc", f"--encode={package}.{kind}", f"--proto_path={support.ROOT / 'proto'}",
                           *sorted(folder.glob("*_service.proto"))], input=text.encode(), capture_output=True)
    if done.returncode != 0:
        raise AssertionError(f"{method}: {done.stderr.decode()}")
    return done.stdout


class Load(threading.Thread):
    """Calls the services at `addresses`, by their name, until stop(). Start it when the program PROGRAM is there."""

    def __init__(self, addresses):
        super().__init__(daemon=True)
        self._calls = [(addresses[service], f"/loyalty.{method}", encoded(method, kind, text), code)
                       for service, method, kind, text, code in CALLS]
        self._done = threading.Event()
        self._token = TOKEN.encode()
        self.error = None

    def run(self):
        for number in itertools.count(1):
            for address, method, request, expected in self._calls:
                if self._done.is_set():
                    return
                request = request.replace(NUMBER.encode(), b"%08d" % number).replace(TOKEN.encode(), self._token)
                try:
                    answer = grpc_call.call(address, method, request)
                except OSError as error:
                    self.error = f"{method}: {error}"
                    return
                if answer.status != expected:
                    self.error = f"{method}: {answer.headers}"
                    return
                if found := re.search(rb"\b[a-z2-7]{32}\b", b"".join(answer.messages)):
                    self._token = found[0]

    def stop(self):
        self._done.set()
        self.join(suite.PATIENCE)
