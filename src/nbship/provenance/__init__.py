"""What can be said of runs once they are recorded."""
