"""The example clients, written from the contracts alone, play their story against the running suite."""
import pathlib
import shutil
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import stubs
import suite

NPM_PACKAGES = ("@grpc/grpc-js", "@grpc/proto-loader")


class ClientsTest(suite.SuiteTest):
    def play(self, program_id, command, **options):
        """What the client tells is the story, whatever its language."""
        servers = self.whole_suite()
        addresses = [servers[service].address for service in suite.SERVICES]
        done = suite.run([*command, program_id, *addresses], **options)
        logs = "\n".join(server.log()[-3000:] for server in servers.values())
        self.assertEqual((done.returncode, done.stderr), (0, ""), f"{done.stdout}\n{logs}")
        self.assertEqual(done.stdout, (HERE / "story.txt").read_text())
        verified = self.loyalty_json("verify", "--program", program_id, address=servers["points"].address)
        self.assertEqual(verified["differences"], [])

    def test_python(self):
        python = stubs.interpreter()
        if python is None:
            self.skipTest(stubs.MISSING)
        stubs.make(self.folder)
        self.play("python", [python, "-B", HERE / "python/shop.py"], env=suite.environment(PYTHONPATH=str(self.folder)))

    def test_node(self):
        if not shutil.which("node"):
            self.skipTest("node is missing (package nodejs): nothing of this was checked")
        missing = [name for name in NPM_PACKAGES if not (suite.ROOT / "node_modules" / name).is_dir()]
        if missing:
            self.skipTest(f"npm's {' and '.join(missing)} are missing (npm install): nothing of this was checked")
        self.play("node", ["node", HERE / "node/shop.mjs"])


if __name__ == "__main__":
    suite.main()
