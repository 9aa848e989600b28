"""Tables, figures, the page that a planner can mail, provenance."""
