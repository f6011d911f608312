"""The server of a bundle; it runs where there is neither Jupyter nor MLflow."""
