"""The areas below and above LADs: LSOAs, postcodes, counties, regions."""
