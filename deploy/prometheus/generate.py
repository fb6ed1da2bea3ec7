#!/usr/bin/env python3
"""Writes prometheus-rule.yaml, the rules of rules/*.yml for the Prometheus operator.

    deploy/prometheus/generate.py            writes it
    deploy/prometheus/generate.py --check    fails when it is not up to date
"""
import pathlib
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
TARGET = HERE / "prometheus-rule.yaml"


def rendered():
    groups = [group for path in sorted((HERE / "rules").glob("*.yml"))
              for group in yaml.safe_load(path.read_text())["groups"]]
    rule = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": {"name": "loyalty"},
            "spec": {"groups": groups}}
    return ("# Written by generate.py from rules/*.yml.\n" +
            yaml.safe_dump(rule, sort_keys=False, width=120, allow_unicode=True))


def main():
    if sys.argv[1:] == ["--check"]:
        if not TARGET.exists() or TARGET.read_text() != rendered():
            sys.exit(f"{TARGET.name} is not up to date: run deploy/prometheus/generate.py")
    else:
        TARGET.write_text(rendered())


if __name__ == "__main__":
    main()
