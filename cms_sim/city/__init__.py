"""Residents of the precincts in play and their social network, generated from keyed draws."""
