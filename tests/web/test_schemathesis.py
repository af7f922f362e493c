"""Whatever a program sends along the description of the API, no answer is a 5xx or a surprise."""

import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance
from webtown import bearer

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
# a stream does not end; a server without workers is not ready, and says so with a 503
LEFT_OUT = {"/api/live/stream", "/readyz"}


def operations(app, browser):
    description = browser("officer").get("/api/openapi.json").get_json()
    schema = from_dict(description)
    schema.app = app
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path not in LEFT_OUT:
            yield operation


def try_out(operation, headers, examples):
    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case):
        # who asks stays who they are, whatever else is made up
        response = case.call(headers={**dict(case.headers or {}), **headers})
        case.validate_response(response, checks=CHECKS)

    run()


def failures_of(app, browser, names, examples):
    found, failures = 0, []
    for name in names:
        client = browser(name)
        possible = client.get("/api/account/tokens").get_json()["possible"]
        headers = bearer(client, possible)
        for operation in operations(app, browser):
            found += 1
            try:
                try_out(operation, headers, examples)
            except (AssertionError, BaseExceptionGroup) as error:
                failures.append(f"{name} {operation.label}: {error}")
    return found, failures


def test_no_operation_answers_with_a_server_error(app, browser):
    found, failures = failures_of(app, browser, ["officer"], 3)
    assert found > 100
    assert not failures, "\n\n".join(failures)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", ["planner", "commander", "member", "lead"])
def test_no_operation_answers_with_a_server_error_to_many(app, browser, name):
    _found, failures = failures_of(app, browser, [name], 40)
    assert not failures, "\n\n".join(failures)
