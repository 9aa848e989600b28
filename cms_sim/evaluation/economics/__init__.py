"""Returns: what people not shot are worth through three lenses, against what a plan costs (docs/money.md)."""
