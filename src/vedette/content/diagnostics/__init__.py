"""Policies that have resources stream their logs: made from data, written as files, held against what is deployed."""
