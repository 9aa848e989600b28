"""Patterns of the record and of the literature, computed from a history that the model lived: one code for all uses."""
