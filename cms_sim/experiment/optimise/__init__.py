"""The best use of a budget: problem files, allocations, the search over paired runs."""
