"""The rules and their tests with promtool, the runbooks, and that what is generated is up to date."""
import re
import sys
import unittest

import support

TESTS = sorted((support.ROOT / "tests/deploy/rules").glob("*.yml"))
RUNBOOKS = support.ROOT / "docs/runbooks"
SECTIONS = ["What it means", "What to look at", "What to do"]


def alerts():
    return {rule["alert"]: rule for rule in support.rules() if "alert" in rule}


def queries():
    """Every expression of the rules and of the dashboards."""
    return [rule["expr"] for rule in support.rules()] + [
        target["expr"] for board in support.dashboards().values() for panel in board["panels"]
        for target in panel.get("targets", [])]


class PromtoolTest(unittest.TestCase):
    def check(self, *arguments, folder=support.DEPLOY / "prometheus"):
        done = support.run([support.need("promtool", "prometheus"), *arguments], cwd=folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_configuration_and_rules_are_valid(self):
        self.check("check", "config", "prometheus.yml")
        self.check("check", "rules", *sorted((support.DEPLOY / "prometheus/rules").glob("*.yml")))

    def test_what_is_recorded_is_there_before_the_alerts(self):
        """promtool takes groups in another order each run, unless all are named: alerts would miss what is recorded."""
        support.need_yaml()
        groups = [group for path in sorted((support.DEPLOY / "prometheus/rules").glob("*.yml"), reverse=True)
                  for group in support.yaml.safe_load(path.read_text())["groups"]]
        self.assertIn("record", groups[0]["rules"][0])
        for path in TESTS:
            test = support.yaml.safe_load(path.read_text())
            if len(test["rule_files"]) > 1:
                self.assertEqual(test["group_eval_order"], [group["name"] for group in groups], path.name)

    def test_the_rules_do_what_their_tests_say(self):
        for path in TESTS:
            with self.subTest(path.name):
                self.check("test", "rules", path.name, folder=path.parent)


class RulesTest(unittest.TestCase):
    def setUp(self):
        support.need_yaml()

    def test_every_alert_is_tried_firing_and_not_firing(self):
        fires, silent = set(), set()
        for path in TESTS:
            for test in support.yaml.safe_load(path.read_text())["tests"]:
                for case in test["promql_expr_test"]:
                    expected = " ".join(sample["labels"] for sample in case["exp_samples"])
                    for alert in alerts():
                        asked = re.search(r'alertname=(~?)"([^"]*)"', case["expr"])
                        if re.search(rf"\b{alert}\b", expected):
                            fires.add(alert)
                        elif asked and re.fullmatch(asked[2], alert):
                            (fires if case["exp_samples"] and not asked[1] else silent).add(alert)
        self.assertEqual((set(alerts()) - fires, set(alerts()) - silent), (set(), set()))

    def test_every_alert_has_a_runbook_and_every_runbook_an_alert(self):
        self.assertEqual({path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}, set(alerts()))
        for name, rule in alerts().items():
            self.assertEqual(rule["annotations"]["runbook"], f"docs/runbooks/{name}.md")
            self.assertIn(rule["labels"]["severity"], ("page", "ticket"), name)
            self.assertLessEqual({"summary", "description"}, set(rule["annotations"]), name)
            text = (RUNBOOKS / f"{name}.md").read_text()
            self.assertTrue(text.startswith(f"# {name}\n"), name)
            self.assertEqual(re.findall(r"^## (.*)$", text, re.MULTILINE), SECTIONS, name)

    def test_what_a_runbook_names_exists(self):
        metrics = "".join(path.read_text() for folder in ("common", "services")
                          for path in (support.ROOT / folder).rglob("*.cc"))
        rules = " ".join(rule["expr"] for rule in support.rules())
        for path in RUNBOOKS.glob("*.md"):
            text = path.read_text()
            for name in re.findall(r"\bloyalty_[a-z_]+\b", text):
                self.assertTrue(name in metrics or name in rules, f"{path.name}: {name}")
            titles = {board["title"] for board in support.dashboards().values()}
            for title in re.findall(r"\bLoyalty: [a-zA-Z ]+(?=\*\*)", text):
                self.assertIn(title, titles, path.name)
            for link in re.findall(r"\]\(([^)#]+)", text):
                self.assertTrue((path.parent / link).exists(), f"{path.name}: {link}")

    def test_nothing_hides_that_there_is_nothing(self):
        self.assertEqual([query for query in queries() if re.search(r"or\s+vector", query)], [])

    def test_what_every_replica_says_of_the_same_tables_is_not_added_up(self):
        """Figures (services/*/storage/figures.cc): the innermost aggregation is a max."""
        names = {name for path in support.ROOT.glob("services/*/storage/figures.cc")
                 for name in re.findall(r'"(loyalty_\w+)"', path.read_text())}
        self.assertGreaterEqual(len(names), len(support.SERVICES))
        for name in names:
            asked = [query for query in queries() if re.search(rf"\b{name}\b", query)]
            self.assertTrue(asked, f"nobody looks at {name}")
            for query in asked:
                self.assertEqual(len(re.findall(rf"max by \([^)]*\) \((?:abs\()?{name}\b", query)),
                                 len(re.findall(rf"\b{name}\b", query)), query)

    def test_every_query_of_the_services_names_the_job_or_only_they_have_the_metric(self):
        """grpc_server_* and up are common names: other programs on the same Prometheus have them too."""
        for rule in support.rules():
            for selected in re.findall(r"\b(?:grpc_server_\w+_total|up)\{([^}]*)\}", rule["expr"]):
                self.assertIn('job="loyalty"', selected, rule["expr"])


class GeneratedTest(unittest.TestCase):
    def test_what_is_generated_is_up_to_date(self):
        for script in ("prometheus/generate.py", "grafana/generate.py"):
            support.need_yaml()
            done = support.run([sys.executable, "-B", support.DEPLOY / script, "--check"])
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    support.main()
