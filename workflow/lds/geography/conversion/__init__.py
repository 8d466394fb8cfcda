"""Values carried from the codes of one day to those of another."""
