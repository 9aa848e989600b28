"""Sweeps: designs of many points, run over processes or machines into a store that survives whatever ends them."""
