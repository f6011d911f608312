"""Plain frozen data: what the rooms of nbship hand to one another. Standard library only."""
