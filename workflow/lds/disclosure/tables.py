"""Protection of one plain table of counts: what the gate does, for tests, benchmarks and users."""
