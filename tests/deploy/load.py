"""A little load on each service, so that its metrics move: one call of each kind after the other, over and over."""
import itertools
import subprocess
import threading

import grpc_call
import suite
import support

PROGRAM = "demo"
NUMBER = "00000000"  # in a request: replaced by the number of the round, so that ids are new each time
OK, NOT_FOUND = 0, 5

# By service: method, type of the request, the request in protobuf's text format, the code of the answer.
CALLS = {
    "points": [
        ("points.v1.PointsService/Earn", "EarnRequest",
         'program_id: "demo" member_id: "m-00000000" request_id: "earn-00000000" points: 100 reason: "load"', OK),
        ("points.v1.PointsService/Spend", "SpendRequest",
         'program_id: "demo" member_id: "m-00000000" request_id: "spend-00000000" points: 40 reason: "load"', OK),
        ("points.v1.PointsService/GetBalance", "GetBalanceRequest", 'program_id: "demo" member_id: "m-00000000"', OK),
        ("points.v1.PointsService/GetMember", "GetMemberRequest", 'program_id: "demo" member_id: "nobody"', NOT_FOUND),
    ],
    "referral": [
        ("referral.v1.CampaignService/CreateCampaign", "CreateCampaignRequest",
         'program_id: "demo" campaign { campaign_id: "c-00000000" terms { display_name: "Load" trigger: TRIGGER_SIGN_UP'
         ' friend_reward { points: 5 } } } request_id: "campaign-00000000" actor: "load"', OK),
        ("referral.v1.CampaignService/GetCampaign", "GetCampaignRequest",
         'program_id: "demo" campaign_id: "c-00000000"', OK),
        ("referral.v1.CampaignService/GetCampaign", "GetCampaignRequest",
         'program_id: "demo" campaign_id: "nothing"', NOT_FOUND),
    ],
    "membership": [
        ("membership.v1.PlanService/CreatePlan", "CreatePlanRequest",
         'plan { program_id: "demo" plan_id: "p-00000000" display_name: "Load" billing { kind: BILLING_KIND_MONTHLY'
         ' count: 1 } prices { currency_code: "EUR" amount_minor: 5 } } request_id: "plan-00000000" actor: "load"', OK),
        ("membership.v1.PlanService/GetPlan", "GetPlanRequest", 'program_id: "demo" plan_id: "p-00000000"', OK),
        ("membership.v1.PlanService/GetPlan", "GetPlanRequest", 'program_id: "demo" plan_id: "nothing"', NOT_FOUND),
    ],
    "surveys": [
        ("surveys.v1.SurveyService/CreateSurvey", "CreateSurveyRequest",
         'program_id: "demo" request_id: "survey-00000000" actor: "load" survey { survey_id: "s-00000000"'
         ' display_name: "Load" questions { question_id: "nps" type: QUESTION_TYPE_NPS text: "Well?" } }', OK),
        ("surveys.v1.SurveyService/GetSurvey", "GetSurveyRequest",
         'program_id: "demo" survey_id: "s-00000000"', OK),
        ("surveys.v1.SurveyService/GetSurvey", "GetSurveyRequest", 'program_id: "demo" survey_id: "nothing"', NOT_FOUND),
    ],
}


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
                       for service in addresses for method, kind, text, code in CALLS[service]]
        self._done = threading.Event()
        self.error = None

    def run(self):
        for number in itertools.count(1):
            for address, method, request, expected in self._calls:
                if self._done.is_set():
                    return
                try:
                    answer = grpc_call.call(address, method, request.replace(NUMBER.encode(), b"%08d" % number))
                except OSError as error:
                    self.error = f"{method}: {error}"
                    return
                if answer.status != expected:
                    self.error = f"{method}: {answer.headers}"
                    return

    def stop(self):
        self._done.set()
        self.join(suite.PATIENCE)
