"""How large policies may be: https://learn.microsoft.com/azure/governance/policy/overview#maximum-count-of-azure-policy-objects"""

from typing import Final

MOST_DEFINITIONS: Final = 500
"""Of a scope."""
MOST_SETS: Final = 200
MOST_ASSIGNMENTS: Final = 200
MOST_EXEMPTIONS: Final = 1000
MOST_PARAMETERS: Final = 20
MOST_PARAMETERS_OF_SET: Final = 400
MOST_IN_SET: Final = 1000
MOST_NOT_SCOPES: Final = 400
MOST_CONDITIONS: Final = 4096
"""Conditions of a rule's `if`, or of its `existenceCondition`."""
DEEPEST: Final = 64
"""Conditions inside one another."""
MOST_COUNTS: Final = 5
"""`count` expressions inside one another; Azure takes three that look at arrays of a resource."""
MOST_MEMBERS: Final = 100
"""Values that a `count` of values may go through: https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#value-count"""
MOST_COUNTED: Final = 10_000
"""Array members of a resource that a `count` may go through."""
