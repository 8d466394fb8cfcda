"""Human mobility: Google's Community Mobility Reports for every district."""

TOPIC = "human_mobility"
LOCKDOWN = 5
"""What stands for a national lockdown, above the tiers 1 to 4."""
