"""The demo towns: real streets, everything else a seeded simulation."""
