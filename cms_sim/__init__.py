"""CMS Sim: an agent-based simulation of New York City's Crisis Management System."""

from cms_sim.version import __version__

__all__ = ["__version__"]
