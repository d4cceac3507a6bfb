"""`octet models` and `octet doctor` tell the same to people and to scripts."""

import json

from tests.cli.running import Octet

from octet.jobs.models import LOADABLE, bundled


def test_models_lists_what_is_bundled_and_what_loads(octet: Octet):
    said = octet("models").text
    told = json.loads(octet("models", "--json").out)
    assert all(row.name in said and " ".join(row.voices) in said for row in bundled())
    assert all(layout in said for layout in LOADABLE)
    assert [row["name"] for row in told["bundled"]] == [row.name for row in bundled()]


def test_doctor_exits_with_what_it_found(octet: Octet, tmp_path: object):
    outcome = octet("doctor", tmp_path, "--json")
    checks = {check["name"]: check for check in json.loads(outcome.out)}
    assert checks["network"]["status"] == "ok"
    assert checks["write permission"]["detail"] == str(tmp_path)
    assert outcome.code == int(any(check["status"] == "broken" for check in checks.values()))
    assert octet("doctor", tmp_path).text.splitlines()[0].startswith("ok      python")
