"""Evidence: what an output checker needs to decide on a release, and the part that is public."""
