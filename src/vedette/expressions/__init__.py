"""What the expression languages of workflows and of ARM templates share: the tree, functions with one meaning, values.

It knows neither language: what marks an expression in a text, what else may be called, and whom errors point to, is
said by `automation/expressions` and `arm/templates`.
"""
