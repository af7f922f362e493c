"""The `gridmap` command line: one command a use case, `--json` everywhere, exit codes 0, 1, 2.

What a command needs is imported when it runs: asking for help does not load a map library.
"""


def main() -> int:
    """Run the command line and give its exit code."""
    try:
        from gridmap.cli.program import run

        return run()
    except KeyboardInterrupt:
        # Ctrl-C before there was anything to stop
        return 1
