"""Reading for maps and lists: features written by the database itself, page by page."""
