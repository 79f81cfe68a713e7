"""The demo: a day at a small company, one intruder in it, and five rules that find the intruder."""
