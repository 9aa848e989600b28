"""Estimators of what a programme changed, one a module: the same code for a city's record and for simulated runs."""
