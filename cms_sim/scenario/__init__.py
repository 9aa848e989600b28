"""Scenario files: what a planner decides, what nobody knows, the frame, and what the plan costs."""
