"""Human mobility: Google's Community Mobility Reports for every district."""

TOPIC = "human_mobility"
