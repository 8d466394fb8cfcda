"""The gate between the secure zone and everything that is published."""
