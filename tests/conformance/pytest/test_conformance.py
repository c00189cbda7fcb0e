"""A synchronizer held to the documents by pytest: a test for each scenario.

    ADAPTER='python3 my_adapter.py' pytest test_conformance.py -k deletion

TOMBSTONE names the program, where it is not on the path; SCENARIOS a pattern of ids, where not all are run.
"""

import json
import os
import pathlib
import shlex
import subprocess
import tempfile

import pytest


def check():
    """Runs the scenarios once; how that ended, and the cases of each implementation."""
    with tempfile.TemporaryDirectory() as folder:
        command = [os.environ.get("TOMBSTONE", "tombstone"), "check", "--plans", "0", "--kill", "0"]
        command += ["--scenario", os.environ.get("SCENARIOS", "*"), "--report", folder]
        ended = subprocess.run(command + ["--", *shlex.split(os.environ["ADAPTER"])], capture_output=True, text=True)
        report = pathlib.Path(folder, "report.json")
        held = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    cases = [case for it in held.get("implementations", []) for case in it.get("cases", [])]
    return ended, cases


def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        metafunc.module.ended, cases = check()
        metafunc.parametrize("case", cases, ids=[case["id"] for case in cases])


def test_scenario(case):
    if case["verdict"] == "unsupported":
        pytest.skip(case.get("reason", "unsupported"))
    if case["verdict"] != "conforms":
        facts = [
            f"{failure['id']}\n  happened  {failure['happened']}\n  expected  {failure['expected']['text']}\n"
            f"  seen      {failure['seen']}\n  replay    {failure['replay']}"
            for failure in case.get("failures", [])
        ]
        pytest.fail("\n".join(facts) or f"{case['verdict']}: {case.get('reason', '')}", pytrace=False)


def test_the_run_came_to_its_end():
    """0 conforms, 1 diverges; anything else is no verdict, as where nothing was decided."""
    assert ended.returncode in (0, 1), ended.stderr  # noqa: F821 (set where the tests are made)
