"""Azure Policy at work: its resources, what it does with requests, the states of resources, and remediation."""
