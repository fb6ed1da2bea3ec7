"""Every panel of every dashboard shows something: its queries run in Prometheus on the running suite."""
import json
import math
import pathlib
import re
import sys
import unittest
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import load
import suite
import support

RATE_INTERVAL = "5s"
MAY_BE_ZERO = {"Server-side errors", "Answers that are not OK", "Batches halved, commits in doubt", "Calls under way",
               "Commands that wait", "Connections", "Connections in use", "Burn rate, 5 minutes", "Burn rate, 30 minutes",
               "Burn rate, 1 hour", "Burn rate, 6 hours", "Burn rate, 3 days", "Server-side errors, 5 minutes",
               "Ledger imbalance", "Differences found by samples", "Points lapsed, donated and given up", "Cases past due",
               "Job failures", "Runs of jobs that failed", "Lag of what is due",
               "Deliveries that wait", "Oldest delivery that waits", "Refused deliveries",
               "Events that followers have not taken in", "Events set aside"}


class Prometheus:
    """Debian's, with the configuration of deploy/prometheus, but once a second."""

    def __init__(self, folder, servers):
        config = support.yaml.safe_load((support.DEPLOY / "prometheus/prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        config["rule_files"] = [str(support.DEPLOY / "prometheus" / name) for name in config["rule_files"]]
        for target in config["scrape_configs"][0]["static_configs"]:
            target["targets"] = [servers[target["labels"]["service"]].metrics_address]
        path = folder / "prometheus.yml"
        path.write_text(support.yaml.safe_dump(config))
        self.address = f"127.0.0.1:{suite.free_port()}"
        with open(folder / "prometheus.log", "wb") as log:
            self.process = suite.start([support.need("prometheus", "prometheus"), f"--config.file={path}",
                                        f"--storage.tsdb.path={folder}/prometheus",
                                        f"--web.listen-address={self.address}"], stdout=log, stderr=log)
        suite.wait_until(self._ready, "Prometheus is ready")

    def _ready(self):
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def get(self, path, **parameters):
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=suite.PATIENCE) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from None

    def query(self, query):
        """(labels, value) of each series that has a value that is a number."""
        pairs = [(one["metric"], float(one["value"][1])) for one in self.get("query", query=query)["result"]]
        return [(labels, value) for labels, value in pairs if math.isfinite(value)]

    def stop(self):
        self.process.terminate()
        self.process.wait(suite.PATIENCE)


def variables(board, prometheus):
    """What Grafana would put in for each variable, with everything chosen."""
    chosen = {"__rate_interval": RATE_INTERVAL}
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
            values = suite.wait_until(
                lambda: prometheus.get(f"label/{label}/values", **{"match[]": substituted(metric, chosen)}),
                f"the variable {variable['name']} of {board['title']} has a value")
            chosen[variable["name"]] = f"({'|'.join(map(re.escape, values))})"
    return chosen


def substituted(query, chosen):
    return re.sub(r"\$(\w+)", lambda match: chosen[match[1]], query)


class RunningSuiteTest(suite.SuiteTest):
    maxDiff = None

    def setUp(self):
        support.need_yaml()
        support.need("prometheus", "prometheus")
        super().setUp()
        self.servers = self.whole_suite()
        done = suite.loyalty("program", "create", load.PROGRAM, "--name", "Demo", "--currency", "EUR",
                             "--time-zone", "UTC", address=self.servers["points"].address)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.load = load.Load({service: server.address for service, server in self.servers.items()})
        self.load.start()
        self.addCleanup(self.load.stop)

    def server(self, service, **options):
        return super().server(service, flags=["--figures_interval=1s"], **options)

    def test_metrics_are_as_they_should_be(self):
        promtool = support.need("promtool", "prometheus")
        exported = set()
        # Those of the figures, which come with the load.
        suite.wait_until(lambda: "loyalty_referrals_rejected{" in self.servers["referral"].metrics(), "referrals")
        for service, server in self.servers.items():
            with self.subTest(service):
                text = server.metrics()
                done = support.run([promtool, "check", "metrics"], input=text)
                self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
                exported |= set(re.findall(r"^(\w+)[{ ]", text, re.MULTILINE))
                self.assertNotIn("member_id", text)
        used = {name for rule in support.rules()
                for name in re.findall(r"(?<![:\w])(?:loyalty|grpc_server)_\w+\b(?!:)", rule["expr"])}
        self.assertEqual(used - exported, set(), "a rule asks for a metric that nobody exports")

    def test_no_panel_is_empty(self):
        prometheus = Prometheus(self.folder, self.servers)
        self.addCleanup(prometheus.stop)
        suite.wait_until(lambda: len(prometheus.query('up{job="loyalty"} == 1')) == len(self.servers),
                         "every service is scraped")
        open_queries = []
        for board in support.dashboards().values():
            chosen = variables(board, prometheus)
            for panel in board["panels"]:
                open_queries += [(board["title"], panel["title"], target["legendFormat"],
                                  substituted(target["expr"], chosen)) for target in panel.get("targets", [])]
        self.assertGreater(len(open_queries), 50)

        def fill():
            """A rate needs a few seconds; a query is done with once it has shown what it should."""
            self.assertIsNone(self.load.error)
            open_queries[:] = [query for query in open_queries if not self.shows(prometheus, *query)]
            return not open_queries

        try:
            suite.wait_until(fill, "every panel shows something", timeout=40, pause=0.5)
        except AssertionError:
            self.assertIsNone(self.load.error)
            self.fail("nothing to see:\n" + "\n".join(" / ".join(query) for query in open_queries))

    def shows(self, prometheus, _, panel, legend, query):
        found = prometheus.query(query)
        if legend == "{{service}}":
            seen = {labels.get("service") for labels, value in found if panel in MAY_BE_ZERO or value > 0}
            return seen >= set(suite.SERVICES)
        return any(panel in MAY_BE_ZERO or value > 0 for _, value in found)


if __name__ == "__main__":
    support.main()
