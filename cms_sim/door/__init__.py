"""The ways in: the command line and the Mesa model."""
