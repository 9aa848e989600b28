"""The eight steps of a day, one module each, in the order that `cms_sim.engine.day` fixes."""
