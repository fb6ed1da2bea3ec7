"""What the tests of deploy/ share: the rendered manifests, tools that may be missing, an end that tells of skips."""
import functools
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

try:
    import yaml
except ImportError:
    yaml = None

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SERVICES = ("points", "referral", "membership", "surveys")
OVERLAYS = ("dev", "prod")
SKIPPED = 77  # the exit code that ctest shows as "Skipped"
LEAST_KUSTOMIZE = 5


def run(command, timeout=120, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=timeout, **options)


def need_yaml():
    if yaml is None:
        raise unittest.SkipTest("python3-yaml is missing (tools/packages.txt): nothing of this was checked")


def need(tool, package):
    """The path of a command, or the test is skipped and says so."""
    path = shutil.which(tool) or (f"/usr/sbin/{tool}" if pathlib.Path(f"/usr/sbin/{tool}").exists() else None)
    if path is None:
        raise unittest.SkipTest(f"{tool} is missing (package {package}): nothing of this was checked")
    return path


def need_npm(package):
    need("node", "nodejs")
    if not (ROOT / "node_modules" / package).is_dir():
        raise unittest.SkipTest(f"npm's {package} is missing (npm install): nothing of this was checked")


def need_kustomize():
    kubectl = need("kubectl", "kubectl")
    said = run([kubectl, "version", "--client", "--output=json"]).stdout
    found = re.search(r'"kustomizeVersion": "v(\d+)', said)
    if not found or int(found[1]) < LEAST_KUSTOMIZE:
        raise unittest.SkipTest(f"this kubectl has no kustomize {LEAST_KUSTOMIZE}: nothing of this was checked")
    return kubectl


@functools.cache
def manifests(overlay):
    """Every document of `kubectl kustomize` of an overlay."""
    need_yaml()
    folder = DEPLOY / "k8s/overlays" / overlay
    done = run([need_kustomize(), "kustomize", folder])
    if done.returncode != 0:
        raise AssertionError(f"kubectl kustomize {folder.relative_to(ROOT)}: {done.stderr}")
    return list(yaml.safe_load_all(done.stdout))


def of_kind(overlay, *kinds):
    return [document for document in manifests(overlay) if document["kind"] in kinds]


def rules():
    """Every rule of deploy/prometheus/rules."""
    need_yaml()
    return [rule for path in sorted((DEPLOY / "prometheus/rules").glob("*.yml"))
            for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


def dashboards():
    return {path.stem: json.loads(path.read_text()) for path in sorted((DEPLOY / "grafana/dashboards").glob("*.json"))}


def check_types(source):
    """What tsc has to say of a TypeScript text that imports from node_modules; nothing when all is well."""
    need_npm("typescript")
    with tempfile.TemporaryDirectory(prefix="loyalty-tsc.") as folder:
        folder = pathlib.Path(folder)
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        (folder / "package.json").write_text('{"type": "module"}')
        (folder / "tsconfig.json").write_text(json.dumps({"files": ["checked.ts"], "compilerOptions": {
            "noEmit": True, "strict": True, "skipLibCheck": True, "types": [], "module": "esnext", "target": "es2022",
            "moduleResolution": "bundler"}}))
        (folder / "checked.ts").write_text(source)
        done = run(["node", ROOT / "node_modules/typescript/bin/tsc", "--project", folder], cwd=folder)
        return done.stdout + done.stderr if done.returncode else ""


def main():
    """unittest.main, but a skip is seen in ctest's summary."""
    result = unittest.main(module="__main__", exit=False).result
    if not result.wasSuccessful():
        raise SystemExit(1)
    for test, reason in result.skipped:
        print(f"SKIPPED {test}: {reason}")
    raise SystemExit(SKIPPED if result.skipped else 0)
