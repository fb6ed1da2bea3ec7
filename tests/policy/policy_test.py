"""The rules of the house (DESIGN §2), checked on the sources alone."""
import json
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LOYALTY_BUILD", ROOT / "build/release"))
SERVICES = ("points", "referral", "membership", "surveys")
ROOMS = ("domain", "storage", "service", "jobs")
PAPERS = ("main.cc", "definition.h", "definition.cc", "README.md", "CMakeLists.txt")
CODE = ("common", "sandbox", "services", "cli", "bench")
MOST_LINES = 500
MOST_LINES_OF_MAIN = 59


def files_of_the_project():
    """Tracked and new files, by their path from the root."""
    listed = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-co", "--exclude-standard", "-z"],
                            cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(path for path in set(listed.split("\0")) - {""} if (ROOT / path).is_file())


FILES = files_of_the_project()
SOURCES = [path for path in FILES if path.endswith((".cc", ".h")) and path.startswith(CODE)]


def read(path):
    return (ROOT / path).read_text(errors="replace")


def includes(path):
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', read(path), re.MULTILINE)


def is_test(path):
    """Tests and what only tests include."""
    return path.endswith("_test.cc") or pathlib.Path(path).name.startswith(("test_", "simple_"))


def room_of(path):
    """("points", "domain") of services/points/domain/…; ("points", "definition") of its definition.cc."""
    parts = path.split("/")
    return parts[1], parts[2] if len(parts) > 3 else pathlib.Path(path).stem


def without_comments(text):
    """Comments blanked; strings stay as they are."""
    return re.sub(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', lambda match: match[1] or " ", text, flags=re.DOTALL)


class PolicyTest(unittest.TestCase):
    maxDiff = None

    def assert_none(self, offences, rule):
        offences = list(offences)
        self.assertFalse(offences, rule + ":\n  " + "\n  ".join(map(str, offences)))


class RoomsTest(PolicyTest):
    def test_every_service_has_the_same_rooms_and_papers(self):
        missing = []
        for service in SERVICES:
            missing += [f"services/{service}/{paper}" for paper in PAPERS if f"services/{service}/{paper}" not in FILES]
            missing += [f"services/{service}/{room}/" for room in ROOMS
                        if not any(path.startswith(f"services/{service}/{room}/") for path in FILES)]
        self.assert_none(missing, "missing")

    def test_a_service_has_no_other_rooms(self):
        others = {path for path in FILES if path.startswith("services/") and path.count("/") >= 2
                  and path.split("/")[2] not in (*ROOMS, *PAPERS)}
        self.assert_none(sorted(others), "neither a room nor one of its papers")

    def test_there_are_four_services(self):
        self.assertEqual({path.split("/")[1] for path in FILES if path.startswith("services/") and path.count("/") > 1},
                         set(SERVICES))

    def test_main_is_short(self):
        self.assert_none((f"{service}: {lines} lines" for service in SERVICES
                          if (lines := read(f"services/{service}/main.cc").count("\n")) > MOST_LINES_OF_MAIN),
                         f"main.cc has at most {MOST_LINES_OF_MAIN} lines")

    def test_a_service_is_declared_by_one_call(self):
        for service in SERVICES:
            self.assertRegex(read(f"services/{service}/CMakeLists.txt"), rf"\Aloyalty_service\({service} [^)]*\)\n\Z")


class IncludesTest(PolicyTest):
    """proto → common → domain → storage → service → jobs → definition → main; nothing includes upwards."""

    # A room may include itself and those before it.
    ORDER = (*ROOMS, "definition", "main")

    def test_a_room_includes_only_rooms_below_it(self):
        self.assert_none((f"{path}: {name}" for path in SOURCES if path.startswith("services/") for name in includes(path)
                          if name.startswith("services/") and not is_test(path)
                          and self.ORDER.index(room_of(name)[1]) > self.ORDER.index(room_of(path)[1])),
                         "includes upwards")

    def test_a_service_never_includes_another(self):
        offences = []
        for path in (path for path in SOURCES if path.startswith("services/")):
            service = room_of(path)[0]
            for name in includes(path):
                of_a_service = re.match(r"services/(\w+)/|(\w+)_sql\.h$", name)
                if of_a_service and service not in of_a_service.groups():
                    offences.append(f"{path}: {name}")
        self.assert_none(offences, "a service calls another by its stub")

    def test_common_includes_no_service_and_services_no_tool(self):
        self.assert_none((f"{path}: {name}" for path in SOURCES for name in includes(path)
                          if path.startswith("common/") and name.startswith(("services/", "cli/", "bench/"))
                          or path.startswith("services/") and name.startswith(("cli/", "bench/"))), "includes upwards")

    def test_the_client_knows_only_contracts_and_common(self):
        self.assert_none((f"{path}: {name}" for path in SOURCES if path.startswith("cli/") for name in includes(path)
                          if name.startswith(("services/", "bench/")) or name.endswith("_sql.h")), "includes a service's inside")

    def test_no_include_is_relative(self):
        self.assert_none((f"{path}: {name}" for path in SOURCES for name in includes(path) if "../" in name), "relative")

    def test_the_domain_is_pure(self):
        """No gRPC, SQL, protobuf, threads or clock: time and state come in as arguments."""
        impure = re.compile(r"grpc|pqxx|protobuf|\.pb\.h$|_sql\.h$|^(thread|mutex|atomic|future|condition_variable|chrono|"
                            r"ctime|time\.h|random|iostream|fstream|cstdlib)$|absl/time/clock\.h|absl/synchronization|"
                            r"^common/(?!(calendar|money|status|validate)/)")
        self.assert_none((f"{path}: {name}" for path in SOURCES if "/domain/" in path and not is_test(path)
                          for name in includes(path) if impure.search(name)), "impure")
        self.assert_none((path for path in SOURCES if "/domain/" in path and not is_test(path)
                          and re.search(r"absl::Now\(|system_clock|steady_clock", read(path))), "reads a clock")

    def test_storage_knows_no_grpc_and_no_contract(self):
        self.assert_none((f"{path}: {name}" for path in SOURCES if "/storage/" in path and not is_test(path)
                          for name in includes(path) if re.search(r"grpc|\.pb\.h$|google/protobuf|common/(rpc|batch)/", name)),
                         "storage speaks domain types")

    def test_only_storage_talks_to_postgresql(self):
        rooms = re.compile(r"services/\w+/storage/|common/(postgres|platform|work|events|delivery|due|testing)/|bench/")
        self.assert_none((f"{path}: {name}" for path in SOURCES if not rooms.match(path) and not is_test(path)
                          for name in includes(path) if "pqxx" in name or name == "libpq-fe.h"), "pqxx outside storage")


class SqlTest(PolicyTest):
    STATEMENT = re.compile(r"\b(SELECT\b.*\b(FROM|set_config|now)\b|INSERT INTO|UPDATE \S+ SET|DELETE FROM|TRUNCATE|"
                           r"(CREATE|ALTER|DROP) (TABLE|SCHEMA|INDEX|SEQUENCE|DATABASE|ROLE|FUNCTION)|BEGIN;|COMMIT;)")

    def test_sql_stands_in_files_of_its_own(self):
        """Tests may look at what is in the tables."""
        allowed = re.compile(r"common/(postgres|testing)/|bench/")
        offences = []
        for path in (path for path in SOURCES if not allowed.match(path) and not is_test(path)):
            for text in re.findall(r'R"(?:\w*)\((.*?)\)\w*"|"((?:\\.|[^"\\\n])*)"', without_comments(read(path)), re.DOTALL):
                if self.STATEMENT.search("".join(text)):
                    offences.append(f"{path}: {''.join(text)[:80]}")
        self.assert_none(offences, "SQL in code")

    def test_sql_files_stand_in_storage(self):
        allowed = re.compile(r"(services/\w+/storage|common/\w+)/(sql/[a-z0-9_]+|migrations/\d{4}_[a-z0-9_]+)\.sql$|bench/\w+\.sql$")
        self.assert_none((path for path in FILES if path.endswith(".sql") and not allowed.match(path)), "at another place")

    def test_every_statement_is_used(self):
        unused = []
        for path in (path for path in FILES if re.match(r"(services/\w+/storage|common/\w+)/sql/", path)):
            constant = "k" + "".join(word.capitalize() for word in pathlib.Path(path).stem.split("_"))
            folder = path.rpartition("/sql/")[0]
            if not any(re.search(rf"\b{constant}\b", read(source)) for source in SOURCES
                       if source.startswith(folder + "/") and not is_test(source)):
                unused.append(f"{path}: {constant}")
        self.assert_none(unused, "not used in storage")

    def test_a_file_is_one_statement(self):
        self.assert_none((path for path in FILES if re.match(r"(services/\w+/storage|common/\w+)/sql/", path)
                          and ";" in re.sub(r"'[^']*'|--[^\n]*", "", read(path)).rstrip().rstrip(";")), "more than one")

    def test_every_statement_on_a_services_table_names_the_program(self):
        """By its key, which comes first in every index."""
        offences = []
        for path in (path for path in FILES if re.match(r"services/\w+/storage/sql/", path)):
            service = path.split("/")[1]
            text = re.sub(r"--[^\n]*", "", read(path))
            if re.search(rf"\b(FROM|JOIN|INTO|UPDATE|USING)\s+{service}\.", text) and "program_key" not in text:
                offences.append(path)
        self.assert_none(offences, "no program_key")

    def test_migrations_are_numbered_without_gaps(self):
        for service in SERVICES:
            numbers = [int(pathlib.Path(path).name[:4]) for path in FILES
                       if path.startswith(f"services/{service}/storage/migrations/")]
            self.assertEqual(sorted(numbers), list(range(1, len(numbers) + 1)), service)


class FilesTest(PolicyTest):
    def test_every_source_file_is_part_of_a_target(self):
        commands = json.loads((BUILD / "compile_commands.json").read_text())
        compiled = {os.path.relpath(os.path.join(command["directory"], command["file"]), ROOT) for command in commands}
        self.assert_none((path for path in SOURCES if path.endswith(".cc") and path not in compiled), "not compiled")

    def test_every_header_is_included(self):
        included = {name for path in SOURCES for name in includes(path)}
        self.assert_none((path for path in SOURCES if path.endswith(".h") and path not in included), "not included")

    def test_every_contract_is_compiled(self):
        listed = read("proto/CMakeLists.txt")
        self.assert_none((path for path in FILES if path.endswith(".proto") and path.removeprefix("proto/") not in listed),
                         "not in proto/CMakeLists.txt")

    def test_every_header_is_included_once(self):
        self.assert_none((path for path in SOURCES if path.endswith(".h") and "#pragma once" not in read(path)),
                         "no #pragma once")

    def test_every_python_test_is_registered(self):
        listed = read("tests/CMakeLists.txt")
        self.assert_none((path for path in FILES if re.match(r"tests/.*_test\.py$", path)
                          and path.removeprefix("tests/") not in listed), "not in tests/CMakeLists.txt")

    def written(self):
        """What people write: no lock files, no data."""
        return (path for path in FILES if not path.endswith((".json", ".csv", ".txt", ".svg", ".png"))
                or path.endswith("CMakeLists.txt"))

    def test_files_are_short(self):
        self.assert_none((f"{path}: {lines} lines" for path in self.written()
                          if (lines := read(path).count("\n")) > MOST_LINES), f"at most {MOST_LINES} lines")

    def test_nothing_is_left_to_do(self):
        mark = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
        self.assert_none((f"{path}:{number}: {line.strip()}" for path in self.written()
                          for number, line in enumerate(read(path).splitlines(), 1)
                          if mark.search(line)), "left to do")

    def test_no_path_of_somebodys_machine(self):
        path_there = re.compile(r"""(?:^|[\s"'=(:])(/(?:home|root|work|Users)/[^\s"')]*)""")
        self.assert_none((f"{path}:{number}: {match[1]}" for path in self.written()
                          for number, line in enumerate(read(path).splitlines(), 1)
                          if (match := path_there.search(line)) and path != "tests/policy/policy_test.py"), "absolute path")


if __name__ == "__main__":
    unittest.main()
