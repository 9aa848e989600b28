"""What finished runs say of a decision: which plan is best and how surely, trade-offs, robustness."""
