"""What all four programs do alike: flags, migrations, health, reflection, metrics, log, start and end."""
import json
import re
import unittest

import grpc_call
import suite

FLAGS = ["batch_limit", "batch_queue_limit", "call_queue_limit", "database_connections", "database_url", "drain",
         "due_addresses", "figures_interval", "listen_address", "metrics_address", "points_address",
         "sample_interval"]
OWN_FLAGS = {"membership": ["payment_provider_address"]}
OWN = {
    "points": ["EarnRuleService", "LedgerService", "PointsService", "ProgramService"],
    "referral": ["CampaignService", "ReferralService"],
    "membership": ["BillingService", "MembershipService", "PlanService"],
    "surveys": ["CaseService", "ResponseService", "ResultService", "SurveyService"],
}
EVERYWHERE = ["loyalty.admin.v1.DueService", "loyalty.events.v1.EventService"]
CALLERS = ["loyalty.events.v1.DeliveryService", "loyalty.events.v1.FollowerService"]  # of points
GRPC_SERVICES = {service: [f"loyalty.{service}.v1.{name}" for name in names] + EVERYWHERE
                 + (["loyalty.admin.v1.ClockService"] if service == "points" else CALLERS)
                 for service, names in OWN.items()}
OK, UNIMPLEMENTED, INTERNAL = 0, 12, 13
PROMPTLY = 5  # seconds, with nothing under way


class CommandLineTest(unittest.TestCase):
    """Nothing of this needs a database."""

    def refusal(self, *flags, variables=None):
        """What the program says; it must not start, nor wait for anything."""
        done = suite.run([suite.program("points"), *flags], timeout=10, env=suite.environment(**(variables or {})))
        self.assertNotEqual(done.returncode, 0)
        self.assertGreater(done.returncode, 0, "it crashed")
        return done.stderr.strip()

    def test_help_lists_every_flag_and_the_environment(self):
        for service in suite.SERVICES:
            with self.subTest(service):
                text = suite.run([suite.program(service), "--help"]).stdout
                self.assertEqual(sorted(set(re.findall(r"^ +--(\w+) \(", text, re.MULTILINE))),
                                 sorted(FLAGS + OWN_FLAGS.get(service, [])))
                self.assertIn("migrate", text)
                self.assertIn("LOYALTY_LISTEN_ADDRESS", text)

    def test_a_wrong_value_is_an_error_that_names_the_flag(self):
        url = "--database_url=postgresql://nobody@127.0.0.1:1/none"
        for flag, value in [("database_connections", "many"), ("database_connections", "0"), ("batch_limit", "10001"),
                            ("batch_queue_limit", "-1"), ("call_queue_limit", "0"), ("drain", "soon"), ("drain", "-5s"), ("figures_interval", "0s"), ("sample_interval", "0s"),
                            ("database_url", "no url at all"), ("listen_address", "nowhere"),
                            ("metrics_address", "nowhere")]:
            with self.subTest(flag=flag, value=value):
                self.assertIn(flag, self.refusal(*([] if flag == "database_url" else [url]), f"--{flag}={value}"))

    def test_a_wrong_value_in_the_environment_names_variable_and_flag(self):
        said = self.refusal(variables={"LOYALTY_BATCH_LIMIT": "lots"})
        self.assertIn("LOYALTY_BATCH_LIMIT", said)
        self.assertIn("--batch_limit", said)

    def test_what_is_not_known_or_missing_is_named(self):
        self.assertIn("colour", self.refusal("--colour=red"))
        self.assertIn("launch", self.refusal("launch"))
        self.assertIn("--database_url", self.refusal())


class ServicesTest(suite.SuiteTest):
    def started(self, service, **options):
        suite.migrate(service, self.database.url)
        return self.server(service, **options).start()

    def test_every_program_migrates_serves_and_ends_cleanly(self):
        for service in suite.SERVICES:
            with self.subTest(service):
                server = self.started(service)
                self.assertEqual(self.loyalty_json("health", address=server.address), {"status": "SERVING"})
                self.assertRegex(server.metrics(), rf'loyalty_build_info{{service="{service}",version="[0-9.]+"}} 1\n')
                code, seconds = server.stop()
                self.assertEqual(code, 0, server.log())
                self.assertLess(seconds, PROMPTLY)

    def test_reflection_lists_the_services(self):
        for service in suite.SERVICES:
            with self.subTest(service):
                answer = grpc_call.call(self.started(service).address,
                                        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                        grpc_call.string(7, "*"))  # list_services
                self.assertEqual(answer.status, OK)
                self.assertIn(b"grpc.health.v1.Health", answer.messages[0])
                for name in GRPC_SERVICES[service]:
                    self.assertIn(name.encode(), answer.messages[0])

    def test_reflection_describes_the_services(self):
        """grpcurl and buf curl need the file that a service stands in."""
        for service in suite.SERVICES:
            for name in GRPC_SERVICES[service]:
                with self.subTest(name):
                    answer = grpc_call.call(self.started(service).address,
                                            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                            grpc_call.string(4, name))  # file_containing_symbol
                    self.assertIn(name.rpartition(".")[0].replace(".", "/").encode(), answer.messages[0])

    def test_what_is_not_there_answers_unimplemented(self):
        for service in suite.SERVICES:
            with self.subTest(service):
                address = self.started(service).address
                for method in (f"/{GRPC_SERVICES[service][0]}/NoSuchMethod", "/no.such.Service/Method"):
                    self.assertEqual(grpc_call.call(address, method, b"").status, UNIMPLEMENTED)

    def test_metrics_count_every_method_from_the_start(self):
        metrics = self.started("points").metrics()
        for method in ("RecordPurchase", "ImportPurchases", "Earn", "CreateProgram", "VerifyLedger"):
            self.assertRegex(metrics, rf'grpc_server_started_total{{[^}}]*grpc_method="{method}"[^}}]*}} 0\n')

    def test_metrics_count_calls_by_their_code(self):
        server = self.started("points")
        suite.loyalty("program", "get", "nowhere", address=server.address)
        self.assertRegex(server.metrics(), r'grpc_server_handled_total{grpc_code="NOT_FOUND",grpc_method="GetProgram"[^}]*} 1\n')

    def test_the_environment_sets_flags_and_the_command_line_wins(self):
        suite.migrate("points", self.database.url)
        server = self.server("points", variables={"LOYALTY_LISTEN_ADDRESS": "nowhere:1",
                                                  "LOYALTY_METRICS_ADDRESS": "nowhere:2",
                                                  "LOYALTY_DATABASE_CONNECTIONS": "3"})
        server.start()  # at the addresses of its command line
        grpc_call.call(server.address, "/loyalty.points.v1.ProgramService/ListPrograms", b"")
        server.stop()

        port = suite.free_port()
        with open(self.folder / "log", "wb") as log:
            by_environment = suite.start([suite.program("points")], stderr=log, env=suite.environment(
                LOYALTY_LISTEN_ADDRESS=f"127.0.0.1:{port}", LOYALTY_METRICS_ADDRESS="",
                LOYALTY_DATABASE_URL=self.database.url))
        self.addCleanup(by_environment.wait)
        self.addCleanup(by_environment.kill)
        health = suite.loyalty("health", "--wait", suite.PATIENCE, address=f"127.0.0.1:{port}")
        self.assertEqual(health.stdout, "SERVING\n")

    def test_a_schema_that_is_not_migrated_stops_the_server_with_the_remedy(self):
        done = self.refused_start("points")
        self.assertIn("migrate", done.stderr)

    def test_a_schema_that_is_ahead_stops_server_and_migration(self):
        suite.migrate("points", self.database.url)
        self.database.execute("INSERT INTO points.schema_migration (number, name) VALUES (9999, 'from the future')")
        self.assertIn("9999", self.refused_start("points").stderr)
        done = suite.run([suite.program("points"), "migrate", f"--database_url={self.database.url}"])
        self.assertEqual(done.returncode, 1)
        self.assertIn("9999", done.stderr)

    def test_migrating_again_and_at_once_changes_nothing(self):
        migrations = [suite.start([suite.program("points"), "migrate", f"--database_url={self.database.url}"],
                                  stderr=-3) for _ in range(4)]
        self.assertEqual([migration.wait(suite.PATIENCE) for migration in migrations], [0] * 4)
        applied = self.database.rows("SELECT * FROM points.schema_migration")
        suite.migrate("points", self.database.url)
        self.assertEqual(self.database.rows("SELECT * FROM points.schema_migration"), applied)

    def test_a_taken_port_is_one_clear_line(self):
        for service in suite.SERVICES:
            running = self.started(service)
            for flag, address in (("listen_address", running.address), ("metrics_address", running.metrics_address)):
                with self.subTest(service=service, flag=flag):
                    lines = [line for line in self.refused_start(service, f"--{flag}={address}").stderr.splitlines()
                             if not line.startswith("{")]
                    self.assertEqual(len(lines), 1, lines)
                    self.assertIn(f"--{flag}", lines[0])
                    self.assertIn(address, lines[0])

    def refused_start(self, service, *flags):
        done = suite.run([suite.program(service), f"--database_url={self.database.url}",
                          f"--listen_address=127.0.0.1:{suite.free_port()}", "--metrics_address=", *flags])
        self.assertGreater(done.returncode, 0, done.stderr)
        return done


class LogTest(suite.SuiteTest):
    """The log has what an operator needs, and nothing of a person."""

    MEMBER = "vera-rubin-4711"
    TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"

    def setUp(self):
        super().setUp()
        self.server = self.points_server()
        self.loyalty_json("program", "create", "shop", "--name", "Shop", "--currency", "USD", "--time-zone", "UTC",
                          address=self.server.address)

    def earn(self, request_id, member=None, metadata=None, points=5):
        return grpc_call.call(self.server.address, "/loyalty.points.v1.PointsService/Earn", grpc_call.message(
            grpc_call.string(1, "shop"), grpc_call.string(2, self.MEMBER if member is None else member),
            grpc_call.string(3, request_id), grpc_call.integer(5, points)), metadata)

    def calls_of_the_log(self):
        """Every line, as JSON; the server has stopped, so that all are written."""
        self.server.stop()
        lines = self.server.log().splitlines()
        for line in lines:
            self.assertTrue(line.startswith("{"), f"not JSON: {line}")
        return [entry for entry in map(json.loads, lines) if entry["message"] == "call"]

    def test_a_call_is_one_json_line_with_method_code_time_request_program_and_trace(self):
        answer = self.earn("request-1", metadata={"traceparent": f"00-{self.TRACE}-00f067aa0ba902b7-01"})
        self.assertEqual(answer.status, OK)
        [line] = [line for line in self.calls_of_the_log() if line.get("request_id") == "request-1"]
        self.assertEqual((line["method"], line["code"], line["program"], line["trace_id"]),
                         ("loyalty.points.v1.PointsService/Earn", "OK", "shop", self.TRACE))
        self.assertGreater(float(line["ms"]), 0)

    def test_an_import_has_its_line_with_the_program(self):
        rows = self.folder / "rows.csv"
        rows.write_text("order_id,member_id,time,amount,quantity\no,m,20240101,1,1\n")
        self.loyalty_json("import", "--program", "shop", rows, address=self.server.address)
        [line] = [line for line in self.calls_of_the_log() if line["method"].endswith("/ImportPurchases")]
        self.assertEqual((line["code"], line.get("program")), ("OK", "shop"))

    def test_a_broken_traceparent_is_no_trace(self):
        for number, trace in enumerate(["", "00-short", "00-" + "\"" * 32 + "-00f067aa0ba902b7-01", "x" * 100]):
            self.assertEqual(self.earn(f"request-{number}", metadata={"traceparent": trace}).status, OK)
        for line in self.calls_of_the_log():
            self.assertNotIn("trace_id", line)

    def test_no_member_is_named_in_the_log(self):
        member, address = self.MEMBER, self.server.address
        rows = self.folder / "rows.csv"
        rows.write_text("order_id,member_id,time,amount,quantity\n"
                        f"o-1,{member},20240101,10,1\no-1,{member}-2,20240101,10,1\no-2,{member},29990101,10,1\n")
        commands = [
            (["import", "--program", "shop", rows], 1),
            (["member", "show", "--program", "shop", member], 0),
            (["member", "show", "--program", "shop", f"{member}-unknown"], 1),
            (["statement", "--program", "shop", member], 0),
            (["earn", "--program", "shop", "--member", member, "--points", 5, "--request-id", "r-1"], 0),
            (["earn", "--program", "shop", "--member", f"{member}-3", "--points", 5, "--request-id", "r-1"], 1),
            (["earn", "--program", "shop", "--member", member, "--points", -5], 1),
            (["earn", "--program", "shop", "--member", member * 20, "--points", 5], 1),
            (["earn", "--program", "nowhere", "--member", member, "--points", 5], 1),
            (["spend", "--program", "shop", "--member", member, "--points", 5000], 1),
            (["verify", "--program", "shop"], 0),
        ]
        for command, code in commands:
            self.assertEqual(suite.loyalty(*command, address=address).returncode, code, command)
        self.calls_of_the_log()
        self.assertNotIn(member, self.server.log())

    def test_no_member_is_named_in_the_log_when_the_database_refuses_a_row(self):
        """PostgreSQL's messages quote the row that it refused."""
        self.database.execute(f"ALTER TABLE points.member ADD CHECK (member_id <> '{self.MEMBER}')")
        self.assertEqual(self.earn("request-1").status, INTERNAL)
        [line] = [line for line in self.calls_of_the_log() if line.get("request_id") == "request-1"]
        self.assertEqual((line["severity"], line["code"]), ("ERROR", "INTERNAL"))
        self.assertNotIn(self.MEMBER, self.server.log())

    def test_a_message_that_is_not_utf8_leaves_no_line_that_is_not_json(self):
        self.assertNotEqual(self.earn("request-1", member=b"caf\xe9").status, OK)
        self.calls_of_the_log()


if __name__ == "__main__":
    unittest.main()
