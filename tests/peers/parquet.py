"""Prints a Parquet file with one column, `q`, and these rows."""

import sys

import pyarrow
import pyarrow.parquet

pyarrow.parquet.write_table(pyarrow.table({"q": sys.argv[1:]}), sys.stdout.buffer)
