"""Playbooks: workflows of the Logic Apps definition language, run step by step and kept step by step."""
