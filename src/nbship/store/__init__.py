"""Where runs live. The only package that imports mlflow."""
