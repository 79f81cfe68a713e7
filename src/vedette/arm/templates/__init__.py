"""The language of ARM templates: a template and parameter values in, resources in their order and outputs out.

Pure: no I/O, and no resource is known here. `evaluate.py` is the way in.
"""
