#!/usr/bin/env python3
"""Writes the dashboards of dashboards/*.json.

    deploy/grafana/generate.py            writes them
    deploy/grafana/generate.py --check    fails when they are not up to date

A panel only asks for metrics that the services have: tests/deploy/dashboards_test.py runs every query against them.
"""
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent / "dashboards"
SERVICES = ("points", "referral", "membership", "surveys")
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT, COLUMNS = 8, 7, 3
# As in deploy/prometheus/rules: the codes that are the server's fault.
OF_PROGRAM = 'program=~"$program"'
ERRORS = 'grpc_code=~"UNKNOWN|DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED|INTERNAL|UNAVAILABLE|DATA_LOSS"'


# ---- queries

def selector(*matchers):
    return "{" + ",".join(('job="loyalty"', 'namespace=~"$namespace"', *matchers)) + "}"


def rate(metric, *matchers, by=""):
    summed = f"sum by ({by})" if by else "sum"
    return f"{summed} (rate({metric}{selector(*matchers)}[$__rate_interval]))"


def quantile(q, metric, *matchers, by=""):
    return f"histogram_quantile({q}, {rate(metric + '_bucket', *matchers, by=', '.join(filter(None, (by, 'le'))))})"


def held(metric, *matchers, by="program"):
    """A figure of the tables: every replica exports the same, so one of them is taken for each program."""
    series = ", ".join(dict.fromkeys(("namespace", "program", *by.split(", "))))
    return f"sum by ({by}) (max by ({series}) ({metric}{selector(*matchers, OF_PROGRAM)}))"


def mean(metric, *matchers, by=""):
    return f"{rate(metric + '_sum', *matchers, by=by)} / ({rate(metric + '_count', *matchers, by=by)} > 0)"


# ---- panels

def panel(kind, title, unit, queries, description="", least=0, **options):
    shown = {"type": kind, "title": title, "datasource": DATASOURCE,
             "targets": [{"refId": chr(ord("A") + i), "datasource": DATASOURCE, "expr": expr, "legendFormat": legend}
                         for i, (expr, legend) in enumerate(queries)],
             "fieldConfig": {"defaults": {"unit": unit} | ({} if least is None else {"min": least}),
                             "overrides": []}} | options
    return shown | ({"description": description} if description else {})


def graph(title, unit, *queries, description="", least=0):
    return panel("timeseries", title, unit, queries, description, least, options={
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"}})


def figure(title, unit, *queries, description=""):
    """The newest value, large."""
    return panel("stat", title, unit, queries, description, options={
        "colorMode": "none", "graphMode": "area", "justifyMode": "auto", "orientation": "auto", "textMode": "auto",
        "wideLayout": True, "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}})


def placed(rows):
    """[(title of a row, its panels)] with numbers and places."""
    panels, y = [], 0
    for title, content in rows:
        panels.append({"type": "row", "title": title, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": y, "w": WIDTH * COLUMNS, "h": 1}})
        y += 1
        for i, one in enumerate(content):
            place = {"x": i % COLUMNS * WIDTH, "y": y + i // COLUMNS * HEIGHT, "w": WIDTH, "h": HEIGHT}
            panels.append(one | {"gridPos": place})
        y += -(-len(content) // COLUMNS) * HEIGHT
    return [one | {"id": number} for number, one in enumerate(panels, 1)]


# ---- variables

def values_of(name, metric, label):
    """A variable: the values that a label has, several at a time, all at first."""
    query = f"label_values({metric}, {label})"
    return {"type": "query", "name": name, "label": name.capitalize(), "datasource": DATASOURCE,
            "query": {"query": query, "refId": name}, "refresh": 2, "sort": 1, "multi": True, "includeAll": True,
            "allValue": ".+", "current": {"text": "All", "value": "$__all"}}


CHOOSE_DATASOURCE = {"type": "datasource", "name": "datasource", "label": "Prometheus", "query": "prometheus"}
CHOOSE_NAMESPACE = values_of("namespace", 'loyalty_build_info{job="loyalty"}', "namespace")


def choose_method(service):
    return values_of("method", f'grpc_server_started_total{{job="loyalty",service="{service}"}}', "grpc_method")


def choose_program(metric):
    return values_of("program", f'{metric}{{job="loyalty",namespace=~"$namespace"}}', "program")


CHOOSE_SERVICE = values_of("service", 'loyalty_build_info{job="loyalty",namespace=~"$namespace"}', "service")


def dashboard(name, title, description, variables, rows):
    return {"uid": f"loyalty-{name}", "title": title, "description": description, "tags": ["loyalty"],
            "schemaVersion": 39, "editable": False, "graphTooltip": 1, "timezone": "browser", "refresh": "30s",
            "time": {"from": "now-6h", "to": "now"}, "annotations": {"list": []},
            "links": [{"title": "Loyalty", "type": "dashboards", "tags": ["loyalty"], "asDropdown": True, "icon": "",
                       "includeVars": True, "keepTime": True, "targetBlank": False, "tooltip": "", "url": ""}],
            "templating": {"list": [CHOOSE_DATASOURCE, *variables]}, "panels": placed(rows)}


# ---- the dashboards

def suite():
    unary = 'grpc_type="unary"'
    handled, seconds = "grpc_server_handled_total", "grpc_server_handling_seconds"
    ratio = "namespace_service:grpc_server_errors:ratio_rate"
    recorded = '{namespace=~"$namespace"}'
    return dashboard("suite", "Loyalty: suite", "Requests, errors and duration of the four services.",
                     [CHOOSE_NAMESPACE], [
        ("Now", [
            figure("Replicas up", "none", (f"sum by (service) (up{selector()})", "{{service}}")),
            figure("Calls", "reqps", (rate(handled, by="service"), "{{service}}")),
            figure("Versions", "none", (f"count by (service, version) (loyalty_build_info{selector()})",
                                        "{{service}} {{version}}"))]),
        ("Requests, errors, duration", [
            graph("Requests", "reqps", (rate(handled, by="service"), "{{service}}")),
            graph("Server-side errors", "percentunit",
                  (f"{rate(handled, ERRORS, by='service')} / ({rate(handled, by='service')} > 0)", "{{service}}"),
                  description="The share of calls that failed by the server's fault; a full queue is one."),
            graph("Answers by code", "reqps", (rate(handled, by="grpc_code"), "{{grpc_code}}")),
            graph("Duration, median", "s", (quantile(0.5, seconds, unary, by="service"), "{{service}}")),
            graph("Duration, 99 of 100", "s", (quantile(0.99, seconds, unary, by="service"), "{{service}}")),
            graph("Calls under way", "none",
                  (f"sum by (service) (grpc_server_started_total{selector()}) - "
                   f"sum by (service) (grpc_server_handled_total{selector()})", "{{service}}"),
                  description="Streams included.")]),
        ("Objective: 99.9 % without server-side error", [
            graph("Burn rate, 1 hour", "none", (f"{ratio}1h{recorded} / 0.001", "{{service}}"),
                  description="1 uses up the budget in 30 days. LoyaltyErrorBudgetBurnFast fires above 14.4."),
            graph("Burn rate, 6 hours", "none", (f"{ratio}6h{recorded} / 0.001", "{{service}}"),
                  description="LoyaltyErrorBudgetBurnMedium fires above 6."),
            graph("Burn rate, 3 days", "none", (f"{ratio}3d{recorded} / 0.001", "{{service}}"),
                  description="LoyaltyErrorBudgetBurnSlow fires above 1.")]),
        ("Database", [
            graph("Statements", "ops", (rate("loyalty_postgres_statement_seconds_count", by="service"), "{{service}}")),
            graph("Commit, 99 of 100", "s", (quantile(0.99, "loyalty_postgres_commit_seconds", by="service"),
                                             "{{service}}")),
            graph("Connections in use", "none",
                  (f"sum by (service) (loyalty_postgres_connections_in_use{selector()})", "{{service}}"))]),
        ("Repeated and refused", [
            graph("Repeated calls", "reqps", (rate("loyalty_replays_total", by="service"), "{{service}}"),
                  description="Answered with the kept answer of an earlier call: clients that try again."),
            graph("Refused calls", "reqps", (rate("loyalty_refusals_total", by="service"), "{{service}}"),
                  description="Answered with an error that has a reason; by reason on the services' own dashboards."),
            graph("Job failures", "ops",
                  (rate("loyalty_job_failures_total", by="service, job_name"), "{{service}} {{job_name}}"),
                  description="LoyaltyJobFailing fires at 3 in 15 minutes.")]),
        ("Between the services", [
            graph("Deliveries that wait", "none",
                  (f"max by (namespace, service) (loyalty_delivery_pending{selector()})", "of {{service}}"),
                  description="Awards, labels and reversals that points has not answered yet."),
            graph("Oldest delivery that waits", "s",
                  (f"max by (namespace, service) (loyalty_delivery_oldest_pending_seconds{selector()})",
                   "of {{service}}"), description="LoyaltyDeliveryStuck fires above 10 minutes."),
            graph("Events that followers have not taken in", "none",
                  (f"max by (namespace, service, source) (loyalty_follower_lag_events{selector()})",
                   "{{service}} of {{source}}"), description="LoyaltyFollowerLagging fires above 1,000.")]),
    ])


def of_service(service):
    of = (f'service="{service}"', )
    method = (*of, 'grpc_method=~"$method"')
    unary = (*method, 'grpc_type="unary"')
    handled, seconds = "grpc_server_handled_total", "grpc_server_handling_seconds"
    program_metric, business = BUSINESS[service]
    rows = [
        (service.capitalize(), business()),
        ("Requests, errors, duration", [
            graph("Requests", "reqps", (rate(handled, *method, by="grpc_method"), "{{grpc_method}}")),
            graph("Answers that are not OK", "reqps",
                  (rate(handled, *method, 'grpc_code!="OK"', by="grpc_code"), "{{grpc_code}}"),
                  description="Most are answers to callers' mistakes. The server's own faults are on the right."),
            graph("Server-side errors", "reqps",
                  (rate(handled, *method, ERRORS, by="grpc_method"), "{{grpc_method}}")),
            graph("Duration of unary calls", "s",
                  *((quantile(q, seconds, *unary), f"{q * 100:g} of 100") for q in (0.5, 0.9, 0.99))),
            graph("Duration by method, 99 of 100", "s",
                  (quantile(0.99, seconds, *unary, by="grpc_method"), "{{grpc_method}}")),
            graph("Calls under way", "none",
                  (f"sum by (grpc_method) (grpc_server_started_total{selector(*method)}) - "
                   f"sum by (grpc_method) (grpc_server_handled_total{selector(*method)})", "{{grpc_method}}")),
            graph("Repeated calls", "reqps",
                  (rate("loyalty_replays_total", *method, by="grpc_method"), "{{grpc_method}}"),
                  description="Answered with the kept answer of an earlier call."),
            graph("Refused calls", "reqps",
                  (rate("loyalty_refusals_total", *method, by="grpc_method, reason"), "{{grpc_method}} {{reason}}"))]),
        ("Database", database_panels(*of)),
        ("Jobs", job_panels(service, *of)),
    ]
    if service == "points":
        rows.insert(3, ("Group committer", committer_panels(*of)))
    else:
        rows.append(("Calls of points and events", exchange_panels(service, *of)))
    return dashboard(service, f"Loyalty: {service}", f"The {service} service.",
                     [CHOOSE_NAMESPACE, choose_program(program_metric), choose_method(service)], rows)


# ---- the business of each service

def points_business():
    moved = "loyalty_points_moved_total"
    return [
        graph("Points outstanding", "none", (held("loyalty_points_outstanding"), "{{program}}"),
              description="What members have and have not used."),
        graph("Points moved", "none", *((rate(moved, OF_PROGRAM, f'kind=~"{kinds}"'), legend) for legend, kinds in (
            ("issued", "issued"), ("redeemed", "redeemed"), ("taken back", "reversed|clawed_back"))),
            description="In a second. Taken back: reversals of awards, and returns."),
        graph("Points lapsed, donated and given up", "none", *((rate(moved, OF_PROGRAM, f'kind="{kind}"'), legend)
            for legend, kind in (("lapsed", "expired"), ("donated", "donated"), ("given up", "forfeited"))),
            description="In a second. Given up: by members who left."),
        graph("Points issued, by program", "none",
              (rate(moved, OF_PROGRAM, 'kind="issued"', by="program"), "{{program}}"), description="In a second."),
        graph("Points adjusted", "none", (rate(moved, OF_PROGRAM, 'kind="adjusted_up"'), "up"),
              (rate(moved, OF_PROGRAM, 'kind="adjusted_down"'), "down"), description="By hand, in a second."),
        graph("Members", "none", (held("loyalty_points_members"), "{{program}}")),
        graph("Ledger imbalance", "none", (held("loyalty_ledger_imbalance_points"), "{{program}}"), least=None,
              description="Points that accounts hold more than their open lots: always 0. LoyaltyLedgerImbalance fires "
                          "at once."),
        graph("Accounts verified", "none", (rate("loyalty_ledger_verified_accounts_total"), "accounts"),
              description="In a second, by samples that walk over all accounts."),
        graph("Differences found by samples", "none",
              (rate("loyalty_ledger_differences_total", by="invariant"), "{{invariant}}"),
              description="In a second. Accounts that are not what their entries say: always 0. LoyaltyLedgerDifference "
                          "fires at once."),
    ]


def referral_business():
    rewarded = held("loyalty_referrals", 'state="rewarded"')
    claims = ('service="referral"', 'grpc_method="ClaimReferral"')
    return [
        graph("Referrals by state", "none", (held("loyalty_referrals", by="state"), "{{state}}")),
        graph("Referrals by program", "none", (held("loyalty_referrals"), "{{program}}")),
        graph("Rewarded, share", "percentunit",
              (f"{rewarded} / ({held('loyalty_referrals')} > 0)", "{{program}}")),
        graph("Rejected referrals, by reason", "none", (held("loyalty_referrals_rejected", by="reason"), "{{reason}}")),
        graph("Refused claims, by reason", "reqps",
              (rate("loyalty_refusals_total", *claims, by="reason"), "{{reason}}"),
              description="Of all programs: a refused claim leaves no referral."),
    ]


def membership_business():
    return [
        graph("Memberships by state", "none", (held("loyalty_memberships", by="state"), "{{state}}")),
        graph("Active memberships by program", "none",
              (held("loyalty_memberships", 'state="active"'), "{{program}}")),
        graph("Monthly recurring revenue", "none",
              (held("loyalty_membership_monthly_revenue_minor", by="program, currency"), "{{program}} {{currency}}"),
              description="In minor units: what memberships that are active or in grace, and renew, pay in a month; a "
                          "yearly price ÷ 12."),
        graph("Payments", "ops",
              (rate("loyalty_payment_answers_total", 'call=~"charge|look"', by="outcome"), "{{outcome}}"),
              description="Answers of the payment provider, of all programs; unknown: no answer."),
    ]


def surveys_business():
    score = f"max by (namespace, program) (loyalty_survey_nps{selector(OF_PROGRAM)})"
    return [
        graph("Net promoter score", "none", (score, "{{program}}"), least=-100,
              description="Of the last 30 days, -100 to 100. Nothing for small groups."),
        graph("Responses", "none", (held("loyalty_survey_responses"), "{{program}}"),
              description="Since the beginning."),
        graph("Open cases", "none", (held("loyalty_survey_cases_open"), "{{program}}")),
        graph("Cases past due", "none", (held("loyalty_survey_cases_past_due"), "{{program}}"),
              description="Open, and the first reply is late."),
    ]


# By service: a metric that has every program, and the panels.
BUSINESS = {"points": ("loyalty_points_outstanding", points_business),
            "referral": ("loyalty_referrals", referral_business),
            "membership": ("loyalty_memberships", membership_business),
            "surveys": ("loyalty_survey_responses", surveys_business)}


# ---- what services have in common

def job_panels(service, *of):
    job = "loyalty_job"
    panels = [
        graph("Run of a job, mean", "s", (mean(f"{job}_seconds", *of, by="job_name"), "{{job_name}}")),
        graph("Runs of jobs that failed", "ops", (rate(f"{job}_failures_total", *of, by="job_name"), "{{job_name}}")),
        graph("Since a job last succeeded", "s",
              (f"time() - max by (namespace, job_name) ({job}_last_success_timestamp_seconds{selector(*of)})",
               "{{job_name}}"), description="On any replica. LoyaltyJobStandstill fires above half an hour."),
    ]
    if service != "points":  # nothing is due there
        panels += [
            graph("What jobs did", "ops", (rate(f"{job}_items_total", *of, by="job_name"), "{{job_name}}"),
                  description="Items in a second."),
            graph("Lag of what is due", "s",
                  (f"max by (namespace, job_name) ({job}_lag_seconds{selector(*of)})", "{{job_name}}"),
                  description="How long the earliest has waited. LoyaltyJobLagging fires above 10 minutes."),
        ]
    return panels


def exchange_panels(service, *of):
    delivery, follower = "loyalty_delivery", "loyalty_follower"
    panels = [
        graph("Deliveries that wait", "none", (f"max ({delivery}_pending{selector(*of)})", "pending"),
              description="Awards, labels and reversals that points has not answered yet."),
        graph("Oldest delivery that waits", "s",
              (f"max ({delivery}_oldest_pending_seconds{selector(*of)})", "oldest"),
              description="LoyaltyDeliveryStuck fires above 10 minutes."),
        graph("Delivered", "ops", (rate(f"{delivery}_delivered_total", *of), "delivered")),
        graph("Refused deliveries", "ops", (rate(f"{delivery}_refused_total", *of), "refused"),
              description="LoyaltyDeliveryRefused fires at the first."),
        graph("Events told", "ops", (rate("loyalty_events_appended_total", *of), "events")),
    ]
    if service != "membership":  # it follows nobody
        panels += [
            graph("Events that followers have not taken in", "none",
                  (f"max by (source) ({follower}_lag_events{selector(*of)})", "of {{source}}"),
                  description="LoyaltyFollowerLagging fires above 1,000."),
            graph("Events set aside", "ops", (rate(f"{follower}_set_aside_total", *of, by="source"), "of {{source}}"),
                  description="LoyaltyFollowerSetAside fires at the first."),
        ]
    return panels


def database_panels(*of):
    wait, commit = "loyalty_postgres_connection_wait_seconds", "loyalty_postgres_commit_seconds"
    statement = "loyalty_postgres_statement_seconds"
    return [
        graph("Connections", "none",
              (f"sum (loyalty_postgres_connections_in_use{selector(*of)})", "in use"),
              (f"sum (loyalty_postgres_connections_waiting{selector(*of)})", "callers that wait"),
              description="Each replica has --database_connections."),
        graph("Wait for a connection", "s", (quantile(0.5, wait, *of), "median"),
              (quantile(0.99, wait, *of), "99 of 100")),
        graph("Commit, until durable", "s", (quantile(0.5, commit, *of), "median"),
              (quantile(0.99, commit, *of), "99 of 100")),
        graph("Statements", "ops", (rate(statement + "_count", *of, by="statement"), "{{statement}}")),
        graph("Statement, mean", "s", (mean(statement, *of, by="statement"), "{{statement}}")),
        graph("Database time by statement", "s",
              (rate(statement + "_sum", *of, by="statement"), "{{statement}}"),
              description="Seconds of database work in a second: what to make faster first."),
    ]


def committer_panels(*of):
    commands, applied = "loyalty_batch_commands", "loyalty_batch_apply_seconds"
    statements = "loyalty_points_batch_statements"
    return [
        graph("Commands and batches", "ops", (rate(commands + "_sum", *of), "commands"),
              (rate(commands + "_count", *of), "batches")),
        graph("Commands in a batch", "none", (mean(commands, *of), "mean"), (quantile(0.99, commands, *of), "99 of 100"),
              description="Grows with the load: that is how the group committer keeps up."),
        graph("Commands that wait", "none", (f"sum (loyalty_batch_queue_commands{selector(*of)})", "queue"),
              description="At --batch_queue_limit (20,000 by default) calls are refused."),
        graph("Transaction of a batch", "s", (quantile(0.5, applied, *of), "median"),
              (quantile(0.99, applied, *of), "99 of 100")),
        graph("Batches halved, commits in doubt", "ops", (rate("loyalty_batch_halvings_total", *of), "halved"),
              (rate("loyalty_batch_in_doubt_total", *of), "in doubt"), description="Both should stay at 0."),
        graph("Statements for a command", "none",
              (f"{rate('loyalty_postgres_statement_seconds_count', *of)} / ({rate(commands + '_sum', *of)} > 0)",
               "statements"), description="The more commands a batch has, the fewer."),
        graph("Statements of a batch", "none", (quantile(0.5, statements, *of), "median"),
              (quantile(0.99, statements, *of), "99 of 100"),
              description="One where the accounts are remembered; never more than the points service promises, whatever "
                          "the number of commands."),
    ]


def postgres():
    of = ('service=~"$service"', )
    statement = "loyalty_postgres_statement_seconds"
    return dashboard("postgres", "Loyalty: PostgreSQL and group committer",
                     "The database as the services see it, and how the points service writes to it.",
                     [CHOOSE_NAMESPACE, CHOOSE_SERVICE], [
        ("By service", [
            graph("Statements", "ops", (rate(statement + "_count", *of, by="service"), "{{service}}")),
            graph("Commits", "ops", (rate("loyalty_postgres_commit_seconds_count", *of, by="service"), "{{service}}")),
            graph("Database time", "s", (rate(statement + "_sum", *of, by="service"), "{{service}}"),
                  description="Seconds of database work in a second.")]),
        ("PostgreSQL", database_panels(*of)),
        ("Group committer of the points service", committer_panels('service="points"')),
    ])


def slo():
    """All from the recording rules of deploy/prometheus/rules/recording.yml."""
    chosen = '{namespace=~"$namespace",service=~"$service"}'
    ratio, seconds = "namespace_service:grpc_server_errors:ratio_rate", "namespace_service:grpc_server_handling_seconds"

    def each(window, change):
        return change.format(f"{ratio}{window}{chosen}"), "{{service}}"

    def available(window):
        return each(window, "1 - {}")

    def latency(title, q):
        return graph(title, "s", (f"histogram_quantile({q}, {seconds}_bucket:rate5m{chosen})", "{{service}}"))

    burns = (("5 minutes", "5m", "Together with 1 hour."), ("30 minutes", "30m", "Together with 6 hours."),
             ("1 hour", "1h", "LoyaltyErrorBudgetBurnFast fires above 14.4, with 5 minutes above too."),
             ("6 hours", "6h", "LoyaltyErrorBudgetBurnMedium fires above 6, with 30 minutes above too."),
             ("3 days", "3d", "LoyaltyErrorBudgetBurnSlow fires above 1, with 6 hours above too."))
    return dashboard("slo", "Loyalty: SLO", "The objective: 99.9 % of the calls of 30 days without server-side error.",
                     [CHOOSE_NAMESPACE, CHOOSE_SERVICE], [
        ("Availability", [
            *(figure(f"Available, {name}", "percentunit", available(window))
              for name, window in (("1 hour", "1h"), ("6 hours", "6h"), ("3 days", "3d"))),
            graph("Availability, 5 minutes", "percentunit", available("5m"), least=None),
            graph("Availability, 1 hour", "percentunit", available("1h"), least=None),
            graph("Availability, 3 days", "percentunit", available("3d"), least=None)]),
        ("Burn of the error budget: 1 uses it up in 30 days", [
            *(graph(f"Burn rate, {name}", "none", each(window, "{} / 0.001"), description=fires)
              for name, window, fires in burns),
            graph("Budget left of the last 3 days", "percentunit", each("3d", "1 - {} / 0.001"), least=None,
                  description="Below 0: more was used than 3 days may.")]),
        ("Requests and duration", [
            graph("Requests, 5 minutes", "reqps",
                  (f"namespace_service:grpc_server_handled:rate5m{chosen}", "{{service}}")),
            graph("Server-side errors, 5 minutes", "reqps",
                  (f"namespace_service:grpc_server_errors:rate5m{chosen}", "{{service}}")),
            latency("Duration of unary calls, median", 0.5),
            latency("Duration of unary calls, 90 of 100", 0.9),
            latency("Duration of unary calls, 99 of 100", 0.99)]),
    ])


def rendered():
    boards = {"suite": suite(), "postgres": postgres(), "slo": slo()}
    boards |= {service: of_service(service) for service in SERVICES}
    return {FOLDER / f"{name}.json": json.dumps(board, indent=1) + "\n" for name, board in boards.items()}


def main():
    files = rendered()
    if sys.argv[1:] == ["--check"]:
        stale = [path.name for path in FOLDER.glob("*.json") if path not in files]
        stale += [path.name for path, text in files.items() if not path.exists() or path.read_text() != text]
        if stale:
            sys.exit(f"not up to date: {', '.join(stale)}: run deploy/grafana/generate.py")
        return
    for path, text in files.items():
        path.write_text(text)


if __name__ == "__main__":
    main()
