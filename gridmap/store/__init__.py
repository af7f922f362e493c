"""All SQL, one module per noun; the only place that opens a transaction."""
