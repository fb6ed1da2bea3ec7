"""The scores of generated responses, through the RPCs and computed here a second time: by exact fractions and calendar."""
import collections
import datetime as dt
import decimal
import fractions
import itertools
import math
import pathlib
import random
import struct
import sys
import unittest
import zoneinfo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import suite  # noqa: E402
from grpc_call import call, integer, message, string  # noqa: E402

SEED = 20260501
INVITATIONS = 500
ZONE = zoneinfo.ZoneInfo("Europe/Rome")
START = dt.datetime(2026, 9, 20, tzinfo=ZONE)
DAYS = 75  # from summer time into winter
Z95 = decimal.Decimal("1.95996398454005423552")
CHANNELS, SEGMENTS, CHOICES = ("", "mail", "app"), ("", "gold", "silver", "rare"), ("red", "green", "blue")
NPS, CSAT, CLI, CHOICE, TEXT = 1, 2, 3, 4, 5
QUESTIONS = (("nps", NPS), ("csat", CSAT), ("cli", CLI), ("color", CHOICE), ("why", TEXT))
MIN_GROUP_SIZE = 5
ALL, DAY, WEEK, MONTH = 0, 1, 2, 3

Invitation = collections.namedtuple("Invitation", "create_time channel segment token")
Response = collections.namedtuple("Response", "submit_time invitation answers")


def decode(data):
    """Number → values of a protobuf message's fields: whole numbers, doubles, bytes."""
    fields, at = collections.defaultdict(list), 0
    while at < len(data):
        key, at = varint(data, at)
        kind, value = key & 7, None
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"wire type {kind}")
        fields[key >> 3].append(value)
    return fields


def varint(data, at):
    value, shift = 0, 0
    while True:
        value, shift, at = value | (data[at] & 0x7F) << shift, shift + 7, at + 1
        if not data[at - 1] & 0x80:
            return value, at


def packed(data):
    numbers, at = [], 0
    while at < len(data):
        number, at = varint(data, at)
        numbers.append(number)
    return numbers


def one(fields, number, default):
    return fields[number][0] if fields[number] else default


def text(fields, number):
    return one(fields, number, b"").decode()


def timestamp(number, time):
    seconds, micros = divmod((time - dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)) // dt.timedelta(microseconds=1),
                             1_000_000)
    return string(number, message(integer(1, seconds), integer(2, micros * 1000)))


# Scores as plain values: what the service answers, and what is computed here, have the same form.
def read_question(fields):
    score = None
    if fields[3]:
        nps = decode(fields[3][0])
        score = {"counts": packed(nps[7][0]), "groups": [one(nps, number, 0) for number in (1, 2, 3)],
                 "nps": one(nps, 4, 0.0)}
        for name, number in (("wald", 5), ("adjusted", 6)):
            interval = decode(nps[number][0])
            score[name] = dict(zip(("score", "margin", "low", "high"), (one(interval, i, 0.0) for i in (1, 2, 3, 4))))
    elif fields[4]:
        csat = decode(fields[4][0])
        score = {"share": one(csat, 1, 0.0), "counts": packed(csat[2][0])}
    elif fields[5]:
        cli = decode(fields[5][0])
        items = [decode(cli[number][0]) for number in (2, 3, 4)]
        score = {"mean": one(cli, 1, 0.0), "means": [one(item, 1, 0.0) for item in items],
                 "counts": [packed(item[2][0]) for item in items]}
    elif fields[6]:
        counts = [decode(count) for count in decode(fields[6][0])[1]]
        score = {text(count, 1): one(count, 2, 0) for count in counts}
    return {"id": text(fields, 1), "answered": one(fields, 2, 0), "score": score}


def read_scores(data):
    answer = decode(data)
    groups = []
    for group in map(decode, answer[1]):
        groups.append({"key": (text(group, 1), text(group, 2), text(group, 3)), "responses": one(group, 4, 0),
                       "invitations": one(group, 5, 0), "answered": one(group, 6, 0), "rate": one(group, 7, 0.0),
                       "questions": [read_question(decode(question)) for question in group[8]]})
    return {"groups": groups, "hidden": one(answer, 2, 0), "incentivized": bool(one(answer, 3, 0))}


def ratio(a, b):
    return float(fractions.Fraction(a) / fractions.Fraction(b))  # the double that is nearest to it


def interval(promoters, detractors, n):
    p, d, n = (fractions.Fraction(number) for number in (promoters, detractors, n))
    score, variance = 100 * (p - d) / n, ((p + d) / n - ((p - d) / n) ** 2) / n
    with decimal.localcontext() as context:
        context.prec = 60
        margin = 100 * Z95 * (decimal.Decimal(variance.numerator) / variance.denominator).sqrt()
        exact = decimal.Decimal(score.numerator) / score.denominator
        return {"score": float(score), "margin": float(margin), "low": float(max(exact - margin, decimal.Decimal(-100))),
                "high": float(min(exact + margin, decimal.Decimal(100)))}


def spread(values, least, most):
    return [values.count(value) for value in range(least, most + 1)]


def score_of(kind, values):
    n = len(values)
    if kind == NPS:
        promoters, detractors = sum(value >= 9 for value in values), sum(value <= 6 for value in values)
        quarter = fractions.Fraction(3, 4)
        return {"counts": spread(values, 0, 10), "groups": [promoters, n - promoters - detractors, detractors],
                "nps": ratio(100 * (promoters - detractors), n), "wald": interval(promoters, detractors, n),
                "adjusted": interval(promoters + quarter, detractors + quarter, n + 3)}
    if kind == CSAT:
        return {"share": ratio(sum(value >= 4 for value in values), n), "counts": spread(values, 1, 5)}
    if kind == CLI:
        items = list(zip(*values))
        return {"mean": ratio(sum(map(sum, items)), 3 * n), "means": [ratio(sum(item), n) for item in items],
                "counts": [spread(item, 1, 6) for item in items]}
    if kind == CHOICE:
        return {choice: values.count(choice) for choice in CHOICES}
    return None


def compute_scores(invitations, responses, window, period, by_channel, by_segment):
    def key(time, invitation):
        day = time.astimezone(ZONE).date()
        first = {ALL: None, DAY: day, WEEK: day - dt.timedelta(days=day.weekday()), MONTH: day.replace(day=1)}[period]
        return (first.isoformat() if first else "", invitation.channel if by_channel else "",
                invitation.segment if by_segment else "")

    answered = {response.invitation.token for response in responses}
    invited, given = collections.defaultdict(list), collections.defaultdict(list)
    for invitation in invitations:
        if window[0] <= invitation.create_time < window[1]:
            invited[key(invitation.create_time, invitation)].append(invitation)
    for response in responses:
        if window[0] <= response.submit_time < window[1]:
            given[key(response.submit_time, response.invitation)].append(response)
    groups, hidden = [], 0
    for at in sorted({*invited, *given}):
        if len(given[at]) < MIN_GROUP_SIZE:
            hidden += 1
            continue
        questions = []
        for name, kind in QUESTIONS:
            values = [response.answers[name] for response in given[at] if name in response.answers]
            if len(values) >= MIN_GROUP_SIZE:
                questions.append({"id": name, "answered": len(values), "score": score_of(kind, values)})
        of_invited = sum(invitation.token in answered for invitation in invited[at])
        groups.append({"key": at, "responses": len(given[at]), "invitations": len(invited[at]), "answered": of_invited,
                       "rate": ratio(of_invited, len(invited[at])) if invited[at] else 0.0, "questions": questions})
    return {"groups": groups, "hidden": hidden, "incentivized": False}


class ScoresTest(suite.SuiteTest):
    def setUp(self):
        super().setUp()
        for service in ("points", "surveys"):
            suite.migrate(service, self.database.url)
        self.database.execute(
            "INSERT INTO platform.program (program_id, display_name, currency_code, time_zone, points_singular,"
            " points_plural, rate_points, rate_per_units, rounding_mode, enrollment_mode, create_time, update_time)"
            f" VALUES ('shop', 'Shop', 'EUR', '{ZONE.key}', 'point', 'points', 1, 1, 1, 1, now(), now())")
        self.database.execute("INSERT INTO platform.test_clock SELECT program_key, timestamptz '2026-09-01',"
                              " timestamptz '2026-09-01' FROM platform.program WHERE program_id = 'shop'")
        self.surveys = self.server("surveys", flags=[f"--points_address=127.0.0.1:{suite.free_port()}"]).start()
        self.requests = 0
        self.random = random.Random(SEED)

    def set_clock(self, time):
        stamp = time.astimezone(dt.timezone.utc).isoformat()
        self.database.execute(f"UPDATE platform.test_clock SET clock_time = '{stamp}', target_time = '{stamp}'")

    def ask(self, method, *fields):
        answer = call(self.surveys.address, f"/loyalty.surveys.v1.{method}", message(string(1, "shop"), *fields))
        self.assertEqual(answer.status, 0, f"{method}: {answer.headers}")
        return answer.messages[0]

    def request_id(self, number):
        self.requests += 1
        return string(number, f"request-{self.requests}")

    def publish(self):
        def question(name, kind):
            choices = [string(5, message(string(1, choice), string(2, choice))) for choice in CHOICES if kind == CHOICE]
            return string(3, message(string(1, name), integer(2, kind), string(3, name + "?"), *choices))

        validity = string(6, message(integer(1, 100 * 24 * 3600)))
        survey = message(string(1, "visit"), string(2, "Visit"), *(question(*each) for each in QUESTIONS), validity)
        self.ask("SurveyService/CreateSurvey", self.request_id(2), string(5, survey))
        self.ask("SurveyService/PublishSurvey", string(2, "visit"), self.request_id(3))

    def invite(self, time):
        channel, segment = self.random.choice(CHANNELS), self.random.choices(SEGMENTS, (9, 9, 9, 1))[0]
        answer = self.ask("ResponseService/CreateInvitation", string(2, "visit"), self.request_id(3), string(6, "anna"),
                          string(7, channel), string(8, segment))
        return Invitation(time, channel, segment, text(decode(decode(answer)[1][0]), 4))

    def submit(self, time, invitation):
        values = {"nps": self.random.choice((0, 3, 6, 7, 8, 9, 9, 10, 10)), "csat": self.random.randint(1, 5),
                  "cli": tuple(self.random.randint(1, 6) for _ in range(3)), "color": self.random.choice(CHOICES),
                  "why": "because"}
        answers = {name: value for name, value in values.items() if self.random.random() < 0.7} or {"nps": 10}
        encoded = {NPS: lambda value: integer(2, value), CSAT: lambda value: integer(2, value),
                   CLI: lambda value: string(3, message(*(integer(i + 1, item) for i, item in enumerate(value)))),
                   CHOICE: lambda value: string(4, value), TEXT: lambda value: string(5, value)}
        self.ask("ResponseService/SubmitResponse", string(2, invitation.token),
                 *(string(6, message(string(1, name), encoded[dict(QUESTIONS)[name]](value)))
                   for name, value in answers.items()))
        return Response(time, invitation, answers)

    def times(self):
        """Of each day one: somewhere, at its first or in its last moment."""
        for day in range(DAYS):
            begin = START + dt.timedelta(days=day)  # midnight on the wall
            end = (begin + dt.timedelta(days=1)).astimezone(dt.timezone.utc) - dt.timedelta(microseconds=1)
            somewhere = begin + dt.timedelta(minutes=self.random.randrange(60 * 23))
            yield self.random.choice((begin, somewhere, somewhere, end)).astimezone(dt.timezone.utc)

    def test_scores_equal_those_computed_here_by_every_grouping(self):
        print(f"seed {SEED}")
        self.publish()
        invitations, responses, waiting, times = [], [], [], list(self.times())
        for step, time in enumerate(times):
            self.set_clock(time)
            new = [self.invite(time) for _ in range(INVITATIONS * (step + 1) // DAYS - INVITATIONS * step // DAYS)]
            invitations += new
            waiting += new
            answering = [invitation for invitation in waiting if self.random.random() < 0.15]
            responses += [self.submit(time, invitation) for invitation in answering]
            waiting = [invitation for invitation in waiting if invitation not in answering]
        self.assertGreater(len(responses), 300)
        self.assertGreater(len(waiting), 10)

        always = (dt.datetime.min.replace(tzinfo=dt.timezone.utc), dt.datetime.max.replace(tzinfo=dt.timezone.utc))
        some = (times[20], times[60])  # begins and ends with something that happened just then
        compared = 0
        for window, period, by_channel, by_segment in itertools.product(
                (always, some), (ALL, DAY, WEEK, MONTH), (False, True), (False, True)):
            bounds = [timestamp(3, window[0]), timestamp(4, window[1])] if window is some else []
            dimensions = [integer(6, 1)] * by_channel + [integer(6, 2)] * by_segment
            answer = read_scores(self.ask("ResultService/GetScores", string(2, "visit"), *bounds, integer(5, period),
                                          *dimensions))
            expected = compute_scores(invitations, responses, window, period, by_channel, by_segment)
            with self.subTest(window=window, period=period, channel=by_channel, segment=by_segment):
                self.assert_same(answer, expected, "")
            compared += len(expected["groups"])
        print(f"{len(invitations)} invitations, {len(responses)} responses, {compared} groups")
        self.assertGreater(compared, 100)

    def assert_same(self, given, expected, at):
        """Equal to the last bit, but for what a root is in: that is within four units of the last place."""
        if isinstance(expected, dict):
            self.assertEqual(given.keys(), expected.keys(), at)
            for name, value in expected.items():
                self.assert_same(given[name], value, f"{at}.{name}")
        elif isinstance(expected, list):
            self.assertEqual(len(given), len(expected), at)
            for i, value in enumerate(expected):
                self.assert_same(given[i], value, f"{at}[{i}]")
        elif at.endswith((".margin", ".low", ".high")):
            # low and high are differences: their error is that of the larger number.
            self.assertLessEqual(abs(given - expected), 4 * math.ulp(128.0), f"{at}: {given!r}, not {expected!r}")
        else:
            self.assertEqual(given, expected, at)


if __name__ == "__main__":
    unittest.main()
