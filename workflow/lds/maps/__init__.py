"""Where areas lie: boundaries, neighbours, drawings and the layout of tiles."""
