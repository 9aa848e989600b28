"""Experiments: parameter draws, levels, paired replicates over processes, the comparison of plans."""
