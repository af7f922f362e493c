"""One Python stub beside each SQL file."""
