"""Tests of detections with no server: a rule, events and a clock in; its alerts and incidents, held against a file."""
