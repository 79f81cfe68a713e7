"""The language of Azure Policy: definitions, initiatives and assignments as data, evaluated on resources; no I/O.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-basics
"""
