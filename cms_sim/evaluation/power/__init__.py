"""Which study would find an effect of a given size: histories where the truth is known, studied many times."""
