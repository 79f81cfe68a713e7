"""Figures that Vedette promises, measured: one file a question. Run them with `make bench`."""
