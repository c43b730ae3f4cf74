"""Pieces that several pages show: charts, forms, pickers, the status strip."""
