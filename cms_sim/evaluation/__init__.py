"""What runs say: averted with its interval, money, surveys, and what a study would have reported."""
