"""What every layer may use: errors, time, ids, settings; imports nothing of ours."""
