"""Model objects to what a front end shows; no input or output, every string escaped."""
