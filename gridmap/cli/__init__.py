"""The `gridmap` command line: one command a use case, `--json` everywhere, exit codes 0, 1, 2."""

import sys

import click

from gridmap.cli import admin, bench, coverage, data, demo, grids, jobs, plans, servers
from gridmap.cli.outcome import failing


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gridmap")
def cli() -> None:
    """Grid management and emergency response for a county's townships, on one map.

    Exit codes: 0 done, 1 failed, 2 bad input (file, row, column and reason are named).
    """


for group in (servers, demo, data, grids, coverage, plans, jobs, admin, bench):
    for command in group.COMMANDS:
        cli.add_command(command)


def main() -> int:
    """Run the command line and give its exit code."""
    with failing() as outcome:
        result = cli.main(standalone_mode=False)
        outcome.code = result if isinstance(result, int) else 0
    return outcome.code


if __name__ == "__main__":
    sys.exit(main())
