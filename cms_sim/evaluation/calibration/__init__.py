"""Calibration: what the record and the literature say of the uncertain parameters, by simulation."""
