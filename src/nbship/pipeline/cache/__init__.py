"""What steps depended on and made, kept by content."""
