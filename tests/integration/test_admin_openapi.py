# SPDX-License-Identifier: Apache-2.0
"""The admin API answers as admin/openapi.yaml says, whatever it is asked:
requests made from the description, right ones and wrong ones."""

import hypothesis
import pytest
import schemathesis
import yaml

import lab
from admin_site import Admin
from schemathesis.specs.openapi import checks

DESCRIPTION = yaml.safe_load(
    (lab.ROOT / "admin" / "openapi.yaml").read_text(encoding="utf-8")
)
#: What fits the description may still make no sense: a rule that names nobody.
LEFT_OUT = [checks.positive_data_acceptance]

schema = schemathesis.openapi.from_dict(DESCRIPTION)


@pytest.fixture(scope="module")
def admin(datagateway, postgres, tmp_path_factory):
    made = Admin(datagateway, postgres, tmp_path_factory.mktemp("openapi"))
    yield made
    made.gateway.stop()


@schema.parametrize()
@hypothesis.settings(
    max_examples=15, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_answers_as_described(admin, case):
    if case.method == "TRACE":  # it echoes credentials: 501 for all of us
        assert case.call(base_url=admin.api().url).status_code == 501
        return
    case.call_and_validate(
        base_url=admin.api().url,
        headers={"Authorization": f"Bearer {admin.usable_token()}"},
        excluded_checks=LEFT_OUT,
    )


def test_nothing_went_wrong_inside(admin):
    """Behind all of the above: no error in the log."""
    assert not [e for e in admin.gateway.events() if e["level"] == "error"]
