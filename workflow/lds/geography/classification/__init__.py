"""Which vintage of codes a table has."""
