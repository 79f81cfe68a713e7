"""Vedette, or Azure, from Python and notebooks: queries as data frames, incidents and content as objects."""
