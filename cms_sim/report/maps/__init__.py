"""Maps on the city's own boundaries, and results by precinct for mapping programs (docs/maps.md)."""
