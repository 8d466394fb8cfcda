"""The synthetic country itself: places, people, work and businesses; it knows no file."""
