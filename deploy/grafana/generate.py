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
ERRORS = 'grpc_code=~"UNKNOWN|DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED|INTERNAL|UNAVAILABLE|DATA_LOSS"'


# ---- queries

def selector(*matchers):
    return "{" + ",".join(('job="loyalty"', 'namespace=~"$namespace"', *matchers)) + "}"


def rate(metric, *matchers, by=""):
    summed = f"sum by ({by})" if by else "sum"
    return f"{summed} (rate({metric}{selector(*matchers)}[$__rate_interval]))"


def quantile(q, metric, *matchers, by=""):
    return f"histogram_quantile({q}, {rate(metric + '_bucket', *matchers, by=', '.join(filter(None, (by, 'le'))))})"


def mean(metric, *matchers, by=""):
    return f"{rate(metric + '_sum', *matchers, by=by)} / ({rate(metric + '_count', *matchers, by=by)} > 0)"


# ---- panels

def panel(kind, title, unit, queries, description="", **options):
    shown = {"type": kind, "title": title, "datasource": DATASOURCE,
             "targets": [{"refId": chr(ord("A") + i), "datasource": DATASOURCE, "expr": expr, "legendFormat": legend}
                         for i, (expr, legend) in enumerate(queries)],
             "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []}} | options
    return shown | ({"description": description} if description else {})


def graph(title, unit, *queries, description=""):
    return panel("timeseries", title, unit, queries, description, options={
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"}})


def figure(title, unit, *queries, description=""):
    """The newest value, large."""
    targets = panel("stat", title, unit, queries, description, options={
        "colorMode": "none", "graphMode": "area", "justifyMode": "auto", "orientation": "auto", "textMode": "auto",
        "wideLayout": True, "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}})
    return targets


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
    ])


def of_service(service):
    of = (f'service="{service}"', )
    method = (*of, 'grpc_method=~"$method"')
    unary = (*method, 'grpc_type="unary"')
    handled, seconds = "grpc_server_handled_total", "grpc_server_handling_seconds"
    rows = [
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
                   f"sum by (grpc_method) (grpc_server_handled_total{selector(*method)})", "{{grpc_method}}"))]),
        ("Database", database_panels(*of)),
    ]
    if service == "points":
        rows.append(("Group committer", committer_panels(*of)))
    return dashboard(service, f"Loyalty: {service}", f"The {service} service.",
                     [CHOOSE_NAMESPACE, choose_method(service)], rows)


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


def rendered():
    boards = {"suite": suite(), "postgres": postgres()} | {service: of_service(service) for service in SERVICES}
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
