"""Examples that Hypothesis makes up: always the same in `make test`, others in the long forms.

A test that fails on one example in a million must not stop somebody else's change at random; the
long forms (`-m slow`) are where chance may look for what nobody has thought of. There every
property of the short forms joins in, with new examples each time and so many times more of them.
No example is kept on disk: what fails is printed with the blob that brings it back.
"""

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

MORE = 5
SAME, NEW = "the same every time", "new every time"


def choose(config: pytest.Config) -> None:
    """Load the profile that fits what is asked for; a named one is left alone."""
    settings.register_profile(SAME, derandomize=True, database=None)
    settings.register_profile(NEW, derandomize=False, database=None, print_blob=True)
    if not config.getoption("--hypothesis-profile", None):
        settings.load_profile(NEW if long_forms(config) else SAME)
    if not long_forms(config):
        # numbers and words out of our own modules are tried as well, of those modules that happen
        # to be imported by then: which ones depends on the tests that ran before on this worker
        providers._get_local_constants = lambda: providers._local_constants


def long_forms(config: pytest.Config) -> bool:
    """Tell whether slow tests are asked for."""
    wanted = config.getoption("markexpr", "")
    return "slow" in wanted and "not slow" not in wanted


def lengthen(items: list[pytest.Item]) -> None:
    """Let every property take part in the long forms."""
    lengthened = set()
    for item in items:
        made = getattr(item, "obj", None)
        if not getattr(made, "is_hypothesis_test", False) or item.get_closest_marker("slow"):
            continue
        if made not in lengthened:  # a test with parameters is one function in many items
            lengthened.add(made)
            short = made._hypothesis_internal_use_settings
            made._hypothesis_internal_use_settings = settings(
                short, derandomize=False, max_examples=MORE * short.max_examples
            )
        item.add_marker("slow")
        item.add_marker(pytest.mark.timeout(1800))
