"""The program: all groups of commands, and how a call of it ends."""

import click

from gridmap.cli import (
    admin,
    audit,
    backup,
    bench,
    coverage,
    data,
    demo,
    grids,
    jobs,
    offices,
    plan_templates,
    plans,
    servers,
)
from gridmap.cli.outcome import failing


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gridmap")
def cli() -> None:
    """Grid management and emergency response for a county's townships, on one map.

    Exit codes: 0 done, 1 failed, 2 bad input (file, row, column and reason are named).
    """


_TOWN = (demo, data, grids, offices, coverage, plans, plan_templates)
for group in (servers, *_TOWN, jobs, admin, audit, backup, bench):
    for command in group.COMMANDS:
        cli.add_command(command)


def run() -> int:
    """Run what the arguments say and give the exit code."""
    with failing() as outcome:
        result = cli.main(standalone_mode=False)
        outcome.code = result if isinstance(result, int) else 0
    return outcome.code
