"""What happens of its own accord: automation rules carried out, and playbooks run."""
