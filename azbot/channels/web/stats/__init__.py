"""Statistics of the desk: figures, charts, tables to take away."""
